-- SPDX-License-Identifier: Apache-2.0
-- What a token may do, with whose things, and until when. Tokens from before could do everything, and still may.
ALTER TABLE api_token
  ADD COLUMN role       text NOT NULL DEFAULT 'admin',
  -- the scope: one vendor, one product, or (both NULL) the platform. No foreign key: a token outlives what it was for, and
  -- is revoked with it.
  ADD COLUMN open_id    text,
  ADD COLUMN product_id text,
  -- NULL: never
  ADD COLUMN expires_at timestamptz,
  ADD CONSTRAINT api_token_role_is_known CHECK (role IN ('read', 'operate', 'admin')),
  ADD CONSTRAINT api_token_has_one_scope CHECK (open_id IS NULL OR product_id IS NULL);
ALTER TABLE api_token ALTER COLUMN role DROP DEFAULT;

-- Whether what is of this vendor and this product lies within a scope: every statement that keeps to one says it by this.
-- NULL is no.
CREATE FUNCTION in_scope(open_id text, product_id text, scope_open_id text, scope_product_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT open_id = scope_open_id OR product_id = scope_product_id OR (scope_open_id IS NULL AND scope_product_id IS NULL)
$$;

-- A product that is made anew under the id of a deleted one may be another vendor's: the tokens of the old one end with it.
CREATE FUNCTION revoke_tokens_of_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE api_token SET revoked_at = now() WHERE product_id = OLD.product_id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER product_deleted_ends_its_tokens AFTER DELETE ON product
  FOR EACH ROW EXECUTE FUNCTION revoke_tokens_of_product();
