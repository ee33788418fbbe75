-- SPDX-License-Identifier: Apache-2.0
-- One service consumes a broker: who holds its lease, which is an advisory lock of a session. A service that was
-- stopped, or cut off, does not know that it has lost it. So whoever takes the lease raises the number here, and each
-- transaction of a consumer begins with asking whether its own number still stands.
ALTER TABLE broker ADD COLUMN fence bigint NOT NULL DEFAULT 0;

-- The first statement of a transaction. The lock, which all writers of a broker share, makes who raises the number
-- wait for those that have read it; they hold no other lock yet, and who raises it holds none that they may want.
-- VOLATILE: the number is read after the lock was waited for, and not as it was before.
CREATE FUNCTION check_fence(of_broker text, number bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('xgate fence'), hashtext(of_broker));
  IF NOT EXISTS (SELECT FROM broker b WHERE b.broker = of_broker AND b.fence = number) THEN
    RAISE EXCEPTION USING ERRCODE = 'XG001', MESSAGE = 'another service consumes this broker now';
  END IF;
END $$;

-- For the holder of the lease: the number to write under. The one it had before (0: none), where nobody had the broker
-- in between; otherwise a new one, once every transaction under an older number has ended.
CREATE FUNCTION raise_fence(of_broker text, had bigint) RETURNS bigint LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  number bigint;
BEGIN
  SELECT b.fence INTO number FROM broker b WHERE b.broker = of_broker;
  IF number = had AND had > 0 THEN
    RETURN number;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('xgate fence'), hashtext(of_broker));
  -- A broker that nobody was connected to yet is in no life, and was never seen.
  INSERT INTO broker AS b (broker, epoch, epoch_started_at, seen_at, fence)
  VALUES (of_broker, '', to_timestamp(0), '-infinity', greatest(had, 0) + 1)
  ON CONFLICT (broker) DO UPDATE SET fence = greatest(b.fence, had) + 1
  RETURNING b.fence INTO number;
  RETURN number;
END $$;
