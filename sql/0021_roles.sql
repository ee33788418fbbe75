-- SPDX-License-Identifier: Apache-2.0
-- Who writes need not own. What PostgreSQL leaves to the owner of a table (partitions, a column's default, summing up an
-- index) the service does by these functions, with the owner's rights: as narrow as they are, and with names that
-- are looked up where the tables are. So they are not everybody's to call; `xgate migrate` grants them (sql/grants.sql).
DO $$
DECLARE
  function regprocedure;
BEGIN
  FOREACH function IN ARRAY ARRAY['enter_era()', 'maintain_partitions(date, date, date, date)',
                                  'summarize_messages()']::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', function, current_schema());
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
  END LOOP;
END $$;
