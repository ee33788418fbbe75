-- SPDX-License-Identifier: Apache-2.0
-- OpenIDs and ProductIDs are hex digits, compared as they are written: whoever has AA30C505 and makes aa30c505 has
-- mistaken one for the other. A database may have such pairs already, so that no unique index can forbid them: the
-- trigger asks under a lock that whoever makes the same id in another case waits for.
CREATE INDEX product_by_id_in_any_case ON product (lower(product_id));
CREATE INDEX vendor_by_id_in_any_case ON vendor (lower(open_id));

CREATE FUNCTION refuse_id_in_another_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  id text := to_jsonb(NEW) ->> TG_ARGV[0];
  other boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(TG_TABLE_NAME), hashtext(lower(id)));
  -- A statement of its own: it sees what was committed while this one waited.
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE lower(%2$I) = lower($1) AND %2$I <> $1)',
                 TG_TABLE_NAME, TG_ARGV[0]) INTO other USING id;
  IF other THEN
    RAISE unique_violation USING MESSAGE = 'the id differs from another one only in case',
                                 CONSTRAINT = TG_TABLE_NAME || '_id_is_unique_in_any_case';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER product_id_is_unique_in_any_case BEFORE INSERT ON product
  FOR EACH ROW EXECUTE FUNCTION refuse_id_in_another_case('product_id');
CREATE TRIGGER vendor_id_is_unique_in_any_case BEFORE INSERT ON vendor
  FOR EACH ROW EXECUTE FUNCTION refuse_id_in_another_case('open_id');

-- ---------------------------------------------------------------- the record by time
-- The first tick made at a time or later; NULL where there is none. Ticks have no gaps: halving finds it.
CREATE FUNCTION tick_made_from(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint;
  high bigint;
  middle bigint;
  made timestamptz;
BEGIN
  SELECT min(tick_id), max(tick_id) + 1 INTO low, high FROM tick;
  WHILE low < high LOOP
    middle := (low + high) / 2;
    SELECT made_at INTO made FROM tick WHERE tick_id = middle;
    IF made >= moment THEN
      high := middle;
    ELSE
      low := middle + 1;
    END IF;
  END LOOP;
  RETURN (SELECT tick_id FROM tick WHERE tick_id = low);
END $$;

-- Where the rows lie that were received from `since` on and before `until` (NULL: no bound): above `floor`, up to
-- `ceiling`, which is NULL where they may be the newest. A row gets its sequence after it was received; ten minutes
-- are left for clocks that differ, and, once ticks are made again, for what had to wait for the database.
CREATE FUNCTION sequences_of_time(since timestamptz, until timestamptz, OUT floor bigint, OUT ceiling bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  slack constant interval := '10 minutes';
  first_tick bigint;
BEGIN
  floor := 0;
  IF since IS NOT NULL THEN
    first_tick := coalesce(tick_made_from(since - slack), (SELECT max(tick_id) + 1 FROM tick));
    floor := coalesce((SELECT t.ceiling FROM tick t WHERE tick_id = first_tick - 1), 0);
  END IF;
  IF until IS NOT NULL THEN
    SELECT t.ceiling INTO ceiling FROM tick t
    WHERE tick_id = tick_made_from((SELECT made_at + slack FROM tick WHERE tick_id = tick_made_from(until)));
  END IF;
END $$;
