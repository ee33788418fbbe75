-- SPDX-License-Identifier: Apache-2.0
-- The database of xgate and its three roles, for psql as a superuser. What is there already stays, so it can be run again:
--   sudo -u postgres psql --no-psqlrc --file database-roles.sql
--
--   xgate_owner    owns the tables: `xgate migrate` connects as it ([database] migrate_url), and nothing that runs on
--   xgate_service  reads and writes rows: the service ([database] url)
--   xgate_plugin   reads the columns that the broker's plugin needs (plugin_opt_database)
--
-- `xgate migrate` grants the last two their rights. Where one role was owner, service and plugin in one (before 0021_roles), its
-- tables and functions go to xgate_owner; stop service and broker meanwhile. Variables (--set): database, and `passwords`, a
-- folder with the files database_owner_password, database_service_password and database_plugin_password, where the roles
-- are to have passwords; own_cluster, where the whole cluster is xgate's and nobody else's databases are in it.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?database}
\else
  \set database xgate
\endif

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['xgate_owner', 'xgate_service', 'xgate_plugin']) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
\if :{?passwords}
  \set file :passwords /database_owner_password
  \set owner_password `cat -- :'file'`
  \set file :passwords /database_service_password
  \set service_password `cat -- :'file'`
  \set file :passwords /database_plugin_password
  \set plugin_password `cat -- :'file'`
  -- The server's log has a statement that it refuses, and with it the password, unless it is told not to.
  SET log_statement = 'none';
  SET log_min_error_statement = 'panic';
  SET log_min_duration_statement = -1;
  ALTER ROLE xgate_owner PASSWORD :'owner_password';
  ALTER ROLE xgate_service PASSWORD :'service_password';
  ALTER ROLE xgate_plugin PASSWORD :'plugin_password';
  RESET log_min_duration_statement;
  RESET log_min_error_statement;
  RESET log_statement;
\endif

SELECT format('CREATE DATABASE %I OWNER xgate_owner', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec
SELECT format('ALTER DATABASE %I OWNER TO xgate_owner', datname)
FROM pg_database WHERE datname = :'database' AND datdba <> 'xgate_owner'::regrole
\gexec
-- Everybody may connect to these, too, and make things there that fill the disk. Of a cluster that others use they are theirs.
\if :{?own_cluster}
  SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database WHERE datname IN ('postgres', 'template1') AND has_database_privilege('public', oid, 'CONNECT, TEMPORARY')
  \gexec
\endif
\connect :"database"

-- As every PostgreSQL from 15 on has it, but databases from before keep what they had: not everybody makes things there.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO xgate_owner;

-- Large objects are everybody's to make, and fill the disk; nothing of ours makes any. (`xgate migrate` may not do this: the
-- functions are the superuser's.)
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure)
FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_.*|loread|lowrite)$'
  AND has_function_privilege('public', oid, 'EXECUTE')
\gexec

-- Whoever owns the list of migrations made all the rest.
SELECT format('ALTER %s %s OWNER TO xgate_owner', part.kind, part.name)
FROM pg_class list,
     LATERAL (SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text
              FROM pg_class c
              WHERE c.relnamespace = list.relnamespace AND c.relowner = list.relowner AND c.relkind IN ('r', 'p', 'S')
                AND NOT EXISTS (SELECT FROM pg_depend d  -- a sequence of a column goes with its table
                                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
                                  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
              UNION ALL
              SELECT 'FUNCTION', p.oid::regprocedure::text
              FROM pg_proc p
              WHERE p.pronamespace = list.relnamespace AND p.proowner = list.relowner
                AND NOT EXISTS (SELECT FROM pg_depend d
                                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
             ) AS part (kind, name)
WHERE list.oid = to_regclass('schema_migration') AND list.relowner <> 'xgate_owner'::regrole
ORDER BY part.name = list.oid::regclass::text  -- last: where this is interrupted, it can be run again
\gexec
