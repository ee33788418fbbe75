-- SPDX-License-Identifier: Apache-2.0
-- Who changed what through the API, written in the transaction of the change, and who was shown secrets. Rows are only
-- added: none is changed, and none goes in its first 30 days, which is the least that [audit] retention_days keeps. Whoever has
-- taken over the service can forget older ones, and add false ones.
CREATE TABLE audit (
  audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  token_id   bigint NOT NULL,
  token_name text NOT NULL,
  address    text NOT NULL,
  -- the operationId in docs/openapi.yaml
  operation  text NOT NULL,
  -- what it was done to. No foreign keys: it may be gone.
  open_id    text,
  product_id text,
  node_eui   text,
  -- JSON, without secrets; NULL: there was, or is, no such thing
  before     text,
  after      text,
  -- whether the answer had secrets
  revealed   boolean NOT NULL
);
CREATE INDEX audit_by_device ON audit (product_id, node_eui, audit_id);
CREATE INDEX audit_by_vendor ON audit (open_id, audit_id);
CREATE INDEX audit_by_time ON audit (at);

CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
    RETURN OLD;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = 'the audit list is only added to';
END $$;
CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();

-- Forgets what is older than `keep_from`, up to `most` rows at a time; how many. As its owner: whoever runs the service
-- need not be allowed to delete.
CREATE FUNCTION forget_audit(keep_from timestamptz, most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  gone bigint;
BEGIN
  DELETE FROM audit WHERE audit_id IN (
    SELECT audit_id FROM audit WHERE at < least(keep_from, now() - interval '30 days') ORDER BY at LIMIT most);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION forget_audit(timestamptz, bigint) SET search_path = %I, pg_temp', current_schema());
  REVOKE EXECUTE ON FUNCTION forget_audit(timestamptz, bigint) FROM PUBLIC;
END $$;
