-- SPDX-License-Identifier: Apache-2.0
-- In which order readers see what is stored. Sequences and transaction ids are drawn in different orders and
-- transactions end in a third one, so neither tells a reader that nothing before a row can still come. A tick
-- does: it keeps which transactions had ended when it was made. Its batch is the rows that it sees and the tick
-- before does not, by sequence. A batch never changes, and a transaction that runs long delays its own rows only.
--
-- Whoever begins after another has committed comes after it: in a later tick, or in the same one with a higher
-- sequence. A reader's position is a tick and a sequence in its batch.

-- ---------------------------------------------------------------- eras
-- Transaction ids begin anew when a dump is restored, and some are used twice where a standby or a backup takes
-- over, or after a crash, where nothing was written of those that failed. `shift` is added to them, so that what
-- is written in an era is above all that was written before it.
CREATE TABLE era (
  era        integer PRIMARY KEY,
  -- the cluster, its timeline and start, the database and the table: what changes when the database may not be the
  -- same any more
  origin     text NOT NULL,
  -- the one with all that was there when it began; its own ticks come after
  first_tick bigint NOT NULL,
  shift      bigint NOT NULL,
  began_at   timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- ticks
CREATE TABLE tick (
  -- without gaps
  tick_id          bigint PRIMARY KEY,
  made_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The snapshot, shifted: transactions before `oldest` had ended, those from `next` on had not (whether they had
  -- begun it does not tell), and of those between them `running` had not.
  oldest           bigint NOT NULL,
  next             bigint NOT NULL,
  running          bigint[] NOT NULL,
  -- No row of the batch is above this sequence, ...
  ceiling          bigint NOT NULL,
  -- ... and no transaction from this one on wrote a row up to it: it began after the sequence was looked at.
  undecided_before bigint NOT NULL,
  -- The batch begins after this sequence, but for the rows of stragglers.
  floor            bigint NOT NULL
);
CREATE INDEX tick_by_next ON tick (next, tick_id);
CREATE INDEX tick_by_ceiling ON tick (ceiling, tick_id);

-- Transactions that wrote rows and ended more than ten ticks after their first: looked up by name, so that one
-- that ran for an hour costs no reader that hour's rows.
CREATE TABLE straggler (
  written_by     bigint PRIMARY KEY,
  tick_id        bigint NOT NULL,
  first_sequence bigint NOT NULL
);
CREATE INDEX straggler_by_tick ON straggler (tick_id);

-- ---------------------------------------------------------------- the rows
-- Old rows are before every transaction: all of them are the first tick's. The CASE sees to it that a transaction
-- has its id before it draws a sequence, on which `undecided_before` rests.
ALTER TABLE message
  ADD COLUMN written_by bigint NOT NULL DEFAULT 0,
  ALTER COLUMN sequence SET DEFAULT
    CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('message_sequence') END;
ALTER TABLE message
  ALTER COLUMN written_by SET DEFAULT pg_current_xact_id()::text::bigint;
ALTER TABLE refusal
  ADD COLUMN written_by bigint NOT NULL DEFAULT 0,
  ALTER COLUMN sequence SET DEFAULT
    CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('message_sequence') END;
ALTER TABLE refusal
  ALTER COLUMN written_by SET DEFAULT pg_current_xact_id()::text::bigint;
-- Both columns grow with the table, so ranges of pages tell them apart well enough: a tenth of a B-tree's cost.
CREATE INDEX message_by_tick ON message USING brin (sequence, written_by)
  WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX refusal_by_tick ON refusal USING brin (sequence, written_by)
  WITH (pages_per_range = 32, autosummarize = on);

-- The first row of a transaction among those after a sequence. Every table of the record stands here.
CREATE FUNCTION first_written_by(writer bigint, after_sequence bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT min(sequence) FROM (
    SELECT sequence FROM message WHERE written_by = writer AND sequence > after_sequence
    UNION ALL
    SELECT sequence FROM refusal WHERE written_by = writer AND sequence > after_sequence) written
$$;
CREATE FUNCTION last_written_by(after_sequence bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT greatest((SELECT max(written_by) FROM message WHERE sequence > after_sequence),
                  (SELECT max(written_by) FROM refusal WHERE sequence > after_sequence))
$$;

-- ---------------------------------------------------------------- making ticks
CREATE FUNCTION database_origin() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), d.oid,
                   'tick'::regclass::oid, extract(epoch FROM pg_postmaster_start_time()))
  FROM pg_control_system(), pg_database d WHERE datname = current_database()
$$;

-- Whether this may be another database than the one that made the last tick.
CREATE FUNCTION may_be_another_database() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT database_origin() <> (SELECT origin FROM era ORDER BY era DESC LIMIT 1)
$$;

CREATE FUNCTION last_sequence() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM message_sequence
$$;

-- Under the lock of make_tick(): `made` after the last tick, its floor and its stragglers.
CREATE FUNCTION append_tick(made tick) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last tick;
  late_before bigint;
  earliest bigint;
  writer bigint;
BEGIN
  SELECT * INTO STRICT last FROM tick ORDER BY tick_id DESC LIMIT 1;
  made.tick_id := last.tick_id + 1;
  -- tick_of() looks at eleven ticks
  SELECT next INTO late_before FROM tick WHERE tick_id = last.tick_id - 10;
  earliest := last.next;
  FOR writer IN SELECT unnest(last.running) EXCEPT SELECT unnest(made.running) LOOP
    IF writer < late_before THEN
      INSERT INTO straggler (written_by, tick_id, first_sequence)
      SELECT writer, made.tick_id, first_sequence
      FROM first_written_by(writer, coalesce((SELECT ceiling FROM tick WHERE undecided_before <= writer
                                              ORDER BY tick_id DESC LIMIT 1), 0)) first_sequence
      WHERE first_sequence IS NOT NULL;
    ELSE
      earliest := least(earliest, writer);
    END IF;
  END LOOP;
  made.floor := coalesce((SELECT ceiling FROM tick WHERE undecided_before <= earliest
                          ORDER BY tick_id DESC LIMIT 1),
                         (SELECT floor FROM tick ORDER BY tick_id LIMIT 1));
  made.made_at := clock_timestamp();
  INSERT INTO tick SELECT made.*;
  RETURN made.tick_id;
END $$;

-- How many transactions before `bound` a snapshot does not see.
CREATE FUNCTION undecided(next bigint, running bigint[], bound bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(bound - next, 0) + (SELECT count(*) FROM unnest(running) writer WHERE writer < bound)
$$;

-- Makes a tick where a row may have come since the last one; NULL where none can have, or where another service
-- makes ticks at this moment or has made one within `least_apart_ms`, or where an era must begin first. Its
-- statements each have a snapshot of their own (READ COMMITTED). `even_an_empty_one`: also where no row can have come.
CREATE FUNCTION make_tick(least_apart_ms integer DEFAULT 0, even_an_empty_one boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  last tick;
  made tick;
  offset_of_era bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('xgate tick')) THEN
    RETURN NULL;
  END IF;
  SELECT * INTO last FROM tick ORDER BY tick_id DESC LIMIT 1;
  IF clock_timestamp() - last.made_at >= interval '0'
     AND clock_timestamp() - last.made_at < least_apart_ms * interval '1 ms' THEN
    RETURN NULL;
  END IF;
  IF may_be_another_database() THEN
    RETURN NULL;
  END IF;
  SELECT shift INTO offset_of_era FROM era ORDER BY era DESC LIMIT 1;
  -- A sequence has no snapshot: its value here is newer than the statement's.
  SELECT pg_snapshot_xmin(seen)::text::bigint + offset_of_era,
         pg_snapshot_xmax(seen)::text::bigint + offset_of_era,
         array(SELECT xip::text::bigint + offset_of_era FROM pg_snapshot_xip(seen) xip ORDER BY 1),
         last_sequence()
  INTO made.oldest, made.next, made.running, made.ceiling
  FROM (SELECT pg_current_snapshot() AS seen OFFSET 0) snapshot;
  IF made.ceiling > last.ceiling THEN
    -- Given out now: whoever has drawn up to `ceiling` has a smaller one.
    made.undecided_before := pg_current_xact_id()::text::bigint + offset_of_era;
  ELSE
    made.undecided_before := last.undecided_before;
    IF NOT even_an_empty_one AND undecided(made.next, made.running, made.undecided_before)
                                 = undecided(last.next, last.running, last.undecided_before) THEN
      RETURN NULL;
    END IF;
  END IF;
  RETURN append_tick(made);
END $$;

-- Where the database may be another than the one that made the last tick (a dump that was restored, a standby that
-- took over, a start), begins an era: a tick with all that is there, above which the transaction ids go on. Called
-- by whoever may write, on each of his connections, before he does; true where an era began.
CREATE FUNCTION enter_era() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  last tick;
  made tick;
  now_shift bigint;
BEGIN
  IF NOT may_be_another_database() THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('xgate tick'));
  IF NOT may_be_another_database() THEN
    RETURN false;
  END IF;
  LOCK TABLE message, refusal IN ACCESS EXCLUSIVE MODE;
  SELECT * INTO STRICT last FROM tick ORDER BY tick_id DESC LIMIT 1;
  IF last_sequence() < last.ceiling THEN  -- a dump without the history's tables
    PERFORM setval('message_sequence', last.ceiling);
  END IF;
  made.next := 1 + greatest(last.next, last.undecided_before, last_written_by(last.floor));
  made.oldest := made.next;
  made.running := '{}';
  made.undecided_before := made.next;
  made.ceiling := last_sequence();
  -- Whoever writes from now on may have had his id for long: none of them is before the oldest that runs.
  SELECT made.next - pg_snapshot_xmin(pg_current_snapshot())::text::bigint INTO now_shift;
  INSERT INTO era (era, origin, first_tick, shift)
  VALUES ((SELECT max(era) + 1 FROM era), database_origin(), append_tick(made), now_shift);
  EXECUTE format('ALTER TABLE message ALTER COLUMN written_by SET DEFAULT '
                 'pg_current_xact_id()::text::bigint + %s', now_shift);
  EXECUTE format('ALTER TABLE refusal ALTER COLUMN written_by SET DEFAULT '
                 'pg_current_xact_id()::text::bigint + %s', now_shift);
  RETURN true;
END $$;

-- The first tick has all that was stored before there were ticks.
INSERT INTO tick (tick_id, oldest, next, running, ceiling, undecided_before, floor)
SELECT 1, pg_snapshot_xmin(seen)::text::bigint, pg_snapshot_xmax(seen)::text::bigint,
       array(SELECT xip::text::bigint FROM pg_snapshot_xip(seen) xip ORDER BY 1),
       last_sequence(), pg_current_xact_id()::text::bigint, 0
FROM (SELECT pg_current_snapshot() AS seen OFFSET 0) snapshot;
INSERT INTO era (era, origin, first_tick, shift) VALUES (1, database_origin(), 1, 0);

-- Forgets ticks older than `keep_from`, up to `most` at a time; 0: none is left. The next tick looks at the twenty before
-- the last one. Where nothing happens, not even so many are younger than half of what is kept: then empty ones are made.
-- Followers go on to them, the older ones go, and no position outlives the rows that come after it. Who keeps a day or two
-- leaves followers little time for that: of a platform where nothing happens they may be told (410) to begin anew.
CREATE FUNCTION forget_ticks(keep_from timestamptz, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  wanted constant integer := 21;
  young_from timestamptz := keep_from + (now() - keep_from) / 2;
  gone bigint;
BEGIN
  IF (SELECT made_at < young_from FROM tick ORDER BY tick_id LIMIT 1)
     AND (SELECT count(*) FROM (SELECT made_at FROM tick ORDER BY tick_id DESC LIMIT wanted) newest
          WHERE made_at >= young_from) < wanted THEN
    PERFORM pg_advisory_xact_lock(hashtext('xgate tick'));
    FOR n IN 1..wanted LOOP
      IF make_tick(even_an_empty_one => true) IS NULL THEN
        RAISE EXCEPTION 'no tick could be made: an era has to begin first';
      END IF;
    END LOOP;
    RETURN wanted;
  END IF;
  WITH kept AS (
    SELECT least((SELECT tick_id FROM tick WHERE made_at >= keep_from ORDER BY tick_id LIMIT 1),
                 (SELECT min(tick_id) + most FROM tick)) AS oldest),
  stragglers AS (DELETE FROM straggler WHERE tick_id < (SELECT oldest FROM kept))
  DELETE FROM tick WHERE tick_id < (SELECT oldest FROM kept);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

-- ---------------------------------------------------------------- reading
-- The tick that has the rows of a transaction; none as long as there is no such tick.
CREATE FUNCTION tick_of(writer bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT s.tick_id FROM straggler s WHERE s.written_by = writer
  UNION ALL
  (SELECT t.tick_id
   FROM (SELECT tick_id, next, oldest, running FROM tick WHERE next > writer
         ORDER BY next, tick_id LIMIT 11) t
   WHERE writer < t.oldest OR writer <> ALL (t.running)
   ORDER BY t.next, t.tick_id LIMIT 1)
$$;

-- What a reader at a position reads next: the rows of ticks `from_tick` to `to_tick` with sequences above `low` up
-- to `high`, and of `writers` only where there are some; `made_at` is that of `to_tick`, and so is `oldest`, but 0
-- where some of its batch is still to be read. No row where no tick has come since. `reach`: the sequence up to
-- which he wants to look; at least one tick is looked at.
CREATE FUNCTION next_stretch(at_tick bigint, at_sequence bigint, reach bigint)
RETURNS TABLE (from_tick bigint, to_tick bigint, low bigint, high bigint, writers bigint[], made_at timestamptz,
               oldest bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  here tick;
BEGIN
  SELECT * INTO STRICT here FROM tick WHERE tick_id = at_tick;
  IF at_sequence >= here.ceiling THEN
    SELECT * INTO here FROM tick WHERE tick_id = at_tick + 1;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    at_sequence := -1;
  END IF;
  from_tick := here.tick_id;
  to_tick := here.tick_id;
  made_at := here.made_at;
  oldest := here.oldest;
  -- What a reader has seen of the era before tells nothing of this one's transactions.
  IF here.tick_id > 1 AND EXISTS (SELECT FROM era e WHERE e.first_tick = here.tick_id) THEN
    oldest := 9223372036854775807;
  END IF;
  -- The oldest tick that is kept has the rows of those before it too, wherever they are.
  IF at_sequence < here.floor AND EXISTS (SELECT FROM tick WHERE tick_id < here.tick_id) THEN
    writers := array(SELECT s.written_by FROM straggler s WHERE s.tick_id = here.tick_id);
    IF cardinality(writers) > 0 THEN
      low := greatest(at_sequence, (SELECT min(s.first_sequence) - 1 FROM straggler s WHERE s.tick_id = here.tick_id));
      high := here.floor;
      IF high < here.ceiling THEN
        oldest := 0;
      END IF;
      RETURN NEXT;
      RETURN;
    END IF;
    low := here.floor;
    writers := NULL;
  ELSE
    low := at_sequence;
  END IF;
  IF here.tick_id = at_tick THEN
    high := least(here.ceiling, greatest(reach, low + 1));
    IF high < here.ceiling THEN
      oldest := 0;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  -- Many ticks at once, up to one with stragglers, and within an era.
  SELECT coalesce(max(t.tick_id), here.tick_id) INTO to_tick
  FROM (SELECT tick_id FROM tick WHERE ceiling <= reach ORDER BY ceiling DESC, tick_id DESC LIMIT 1) t
  WHERE t.tick_id > here.tick_id;
  to_tick := least(to_tick,
    CASE WHEN oldest = 9223372036854775807 THEN here.tick_id END,
    (SELECT min(s.tick_id) - 1 FROM straggler s WHERE s.tick_id > here.tick_id),
    (SELECT min(e.first_tick) - 1 FROM era e WHERE e.first_tick > here.tick_id));
  SELECT min(t.floor) INTO low FROM tick t
  WHERE t.tick_id BETWEEN from_tick AND least(to_tick, from_tick + 11);
  SELECT t.ceiling, t.made_at, greatest(next_stretch.oldest, t.oldest) INTO high, made_at, oldest
  FROM tick t WHERE t.tick_id = to_tick;
  RETURN NEXT;
END $$;

-- Today's newest rows are looked for in the pages that the index has not summed up yet: few, where this is called
-- every second. It waits for nobody: VACUUM's lock is in its way, and comes first.
CREATE FUNCTION summarize_messages() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  part regclass;
BEGIN
  PERFORM set_config('lock_timeout', '100ms', true);
  FOR part IN
    SELECT i.inhrelid::regclass FROM pg_inherits i
    JOIN pg_index x ON x.indexrelid = i.inhrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE i.inhparent = 'message_by_tick'::regclass
      AND right(c.relname, 8) IN (to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD'),
                                  to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD'))
  LOOP
    PERFORM brin_summarize_new_values(part);
  END LOOP;
EXCEPTION WHEN lock_not_available THEN
  NULL;
END $$;
