-- SPDX-License-Identifier: Apache-2.0
-- Thing models, and what devices report by them: latest values, history, events.

-- ---------------------------------------------------------------- the model
-- Every version stays: what a device reported was judged by the one of its time.
CREATE TABLE thing_model (
  -- Never used again, not even by a product of the same name: what caches go by.
  model_id   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  product_id text NOT NULL,
  version    bigint NOT NULL,
  -- TSL JSON as text: members stay in the order they were written in
  document   text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT thing_model_version_is_unique UNIQUE (product_id, version),
  CONSTRAINT thing_model_version_is_positive CHECK (version > 0),
  CONSTRAINT thing_model_product_exists FOREIGN KEY (product_id) REFERENCES product
    ON DELETE CASCADE
);

ALTER TABLE product
  -- The newest one; NULL: none yet. Read with the product, so that a batch costs no look-up for it.
  -- No foreign key: the two tables would name each other.
  ADD COLUMN model_id uuid,
  ADD COLUMN model_violations text NOT NULL DEFAULT 'reject',
  ADD CONSTRAINT product_model_violations_is_known CHECK (model_violations IN ('reject', 'keep'));

-- ---------------------------------------------------------------- latest values
CREATE TABLE property (
  device_id   bigint NOT NULL,
  identifier  text NOT NULL,
  -- JSON text, after coercion
  value       text NOT NULL,
  device_time timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (device_id, identifier),
  CONSTRAINT property_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
) WITH (fillfactor = 70);

-- ---------------------------------------------------------------- history
-- In partitions of a day of receiving, as `message`: late data goes into today's, so that writing
-- stays in one place and retention drops whole tables. Readers ask by the device's own time; it is at
-- most a day ahead of received_at (HIST-1), which tells them the partitions that they can leave out.
CREATE SEQUENCE history_sequence;
CREATE TABLE property_history (
  received_at timestamptz NOT NULL,
  sequence    bigint NOT NULL DEFAULT nextval('history_sequence'),
  device_id   bigint NOT NULL,
  identifier  text NOT NULL,
  value       text NOT NULL,
  device_time timestamptz NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX property_history_by_time
  ON property_history (device_id, identifier, device_time, sequence);

CREATE TABLE event_history (
  received_at timestamptz NOT NULL,
  sequence    bigint NOT NULL DEFAULT nextval('history_sequence'),
  device_id   bigint NOT NULL,
  identifier  text NOT NULL,
  -- info, alert, error; '': the model does not know the event, or there is none
  type        text NOT NULL,
  params      text NOT NULL,
  device_time timestamptz NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX event_history_by_time ON event_history (device_id, device_time, sequence);

-- ---------------------------------------------------------------- partitions
-- As before, with a date for what was said (message, refusal) and one for what was measured.
DROP FUNCTION maintain_partitions(date, date, date);
CREATE FUNCTION maintain_partitions(from_day date, to_day date, keep_messages_from date,
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
      IF child.day < keep_from THEN
        EXECUTE format('DROP TABLE %s', child.name);
      END IF;
    END LOOP;
  END LOOP;
END $$;
