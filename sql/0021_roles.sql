-- SPDX-License-Identifier: Apache-2.0
-- Who writes need not own. What PostgreSQL leaves to the owner of a table (partitions, a column's default, summing up an
-- index) the service does by these functions, with the owner's rights: as narrow as they are, and with names that
-- are looked up where the tables are. So they are not everybody's to call; `xgate migrate` grants them (sql/grants.sql).

-- As before; but today and yesterday (UTC) stay, whatever is asked for: that is the least that `retention_days` keeps. Whoever
-- has taken over the service can drop the days before.
CREATE OR REPLACE FUNCTION maintain_partitions(from_day date, to_day date, keep_messages_from date,
                                    keep_history_from date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  keep_from date;
  day date;
  child record;
BEGIN
  -- one at a time, whoever calls: CREATE … IF NOT EXISTS races with itself
  PERFORM pg_advisory_xact_lock(hashtext('xgate maintain_partitions'));
  FOR parent, keep_from IN VALUES
    ('message', keep_messages_from), ('refusal', keep_messages_from),
    ('property_history', keep_history_from), ('event_history', keep_history_from)
  LOOP
    FOR day IN SELECT generate_series(from_day, to_day, '1 day')::date LOOP
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                     parent || '_' || to_char(day, 'YYYYMMDD'), parent,
                     day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
    FOR child IN
      SELECT inhrelid::regclass AS name, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
      FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
      WHERE inhparent = parent::regclass
    LOOP
      IF child.day < least(keep_from, (now() AT TIME ZONE 'UTC')::date - 1) THEN
        EXECUTE format('DROP TABLE %s', child.name);
      END IF;
    END LOOP;
  END LOOP;
END $$;

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
