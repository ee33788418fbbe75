-- SPDX-License-Identifier: Apache-2.0
-- TRACE-1: which usual mistake made a message what it is, for operators alone; and the reading of the
-- session key (ENC-2) under which an encrypted message opened.
ALTER TABLE message ADD COLUMN explanation text, ADD COLUMN key_reading text;

-- Session keys that are dead (KEY-2), kept for a while only to name them where a device goes on with
-- one: nothing opens with them. The newest few of each device. No foreign key, as with messages: a
-- deleted device's go by their age.
CREATE TABLE former_session_key (
  session_key_id bigint PRIMARY KEY,
  device_id      bigint NOT NULL,
  session_id     text NOT NULL,
  nonce          integer NOT NULL,
  key_reading    text,
  ended_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX former_session_key_by_device ON former_session_key (device_id, session_key_id DESC);
CREATE INDEX former_session_key_by_end ON former_session_key (ended_at);

-- Which readings of the protocol a device was seen to follow: how it derives its session key
-- (ENC-2), and whose topic names (TOPIC-4, TOPIC-8) it subscribes to and answers on, "section" or
-- "table". Written when one changes.
CREATE TABLE device_reading (
  device_id   bigint PRIMARY KEY,
  product_id  text NOT NULL,
  key_reading text,
  heard_names text,
  acked_names text,
  CONSTRAINT device_reading_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
);
CREATE INDEX device_reading_by_product ON device_reading (product_id)
  INCLUDE (key_reading, heard_names, acked_names);

INSERT INTO device_reading (device_id, product_id, key_reading)
SELECT DISTINCT ON (k.device_id) k.device_id, d.product_id, k.key_reading
FROM session_key k JOIN device d USING (device_id)
WHERE k.key_reading IS NOT NULL
ORDER BY k.device_id, k.session_key_id DESC;
