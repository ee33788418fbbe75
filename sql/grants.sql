-- SPDX-License-Identifier: Apache-2.0
-- Who may do what. Not a migration: `xgate migrate` runs it each time, as the owner, in one transaction, for the roles of
-- [database] service_role and plugin_role, which two settings of its session name (empty or not there: nobody). What is
-- granted here is all that they have in this schema; anything else is taken away, of partitions and views too, which are
-- reached by their parents and by nobody.
DO $$
DECLARE
  service text := coalesce(current_setting('xgate.service_role', true), '');
  plugin  text := coalesce(current_setting('xgate.plugin_role', true), '');
  grantee text;
  part    record;
BEGIN
  IF service = current_user THEN
    service := '';  -- it owns all this
  END IF;
  IF plugin = current_user OR plugin = service THEN
    plugin := '';  -- it may do all that the plugin does
  END IF;

  FOREACH grantee IN ARRAY array_remove(ARRAY[service, plugin], '') LOOP
    FOR part IN
      SELECT c.oid::regclass AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
      FROM pg_class c
      WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relowner = quote_ident(current_user)::regrole
        AND c.relkind IN ('r', 'p', 'S', 'v', 'm')
    LOOP
      EXECUTE format('REVOKE ALL ON %s %s FROM %I', part.kind, part.name, grantee);
    END LOOP;
  END LOOP;
  IF service = '' AND plugin = '' THEN
    RETURN;
  END IF;

  -- Temporary tables are everybody's, and fill the disk; nothing of ours makes any.
  IF EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = quote_ident(current_user)::regrole) THEN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  END IF;

  -- Functions are everybody's unless somebody says otherwise; of an extension they may be in others' use.
  FOR part IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = quote_ident(current_schema())::regnamespace AND p.proowner = quote_ident(current_user)::regrole
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', part.name);
    IF service <> '' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', part.name, service);
    END IF;
    IF plugin <> '' THEN
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', part.name, plugin);
    END IF;
  END LOOP;

  -- The service: history and the audit list are added to, never changed; by functions it drops days of history but the last
  -- two, and forgets audit entries of more than 30 days. The schema's own tables it only reads.
  IF service <> '' THEN
    FOR part IN
      SELECT c.oid::regclass AS name, c.relkind = 'S' AS is_sequence,
             CASE WHEN c.relkind = 'S' THEN 'USAGE, SELECT'
                  WHEN c.relkind = 'p' THEN 'SELECT, INSERT'
                  WHEN c.relname IN ('schema_migration', 'era') THEN 'SELECT'
                  WHEN c.relname = 'audit' THEN 'SELECT, INSERT'
                  ELSE 'SELECT, INSERT, UPDATE, DELETE' END AS rights
      FROM pg_class c
      WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relowner = quote_ident(current_user)::regrole
        AND c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition
    LOOP
      EXECUTE format('GRANT %s ON %s %s TO %I', part.rights, CASE WHEN part.is_sequence THEN 'SEQUENCE' ELSE 'TABLE' END,
                     part.name, service);
    END LOOP;
  END IF;

  -- The plugin: the columns that lib/directory/reading.cpp names. LISTEN and NOTIFY are everybody's.
  IF plugin <> '' THEN
    EXECUTE format('GRANT SELECT (open_id, enabled) ON vendor TO %I', plugin);
    EXECUTE format('GRANT SELECT (product_id, open_id, product_key, auth_type, enabled, encrypted, allow_hash, '
                   'require_type_1, messages_per_second, bytes_per_second) ON product TO %I', plugin);
    EXECUTE format('GRANT SELECT (device_id, product_id, node_eui, device_secret, enabled, revision) ON device TO %I',
                   plugin);
    EXECUTE format('GRANT SELECT (device_id, offline_at, last_type1_timestamp, type1_used) ON presence TO %I', plugin);
  END IF;
END $$;
