-- SPDX-License-Identifier: Apache-2.0
-- Command 3 (KEY-1, KEY-2) is a command like the others: kind key_update, with the key that it brings.

-- ---------------------------------------------------------------- the commands
ALTER TABLE command
  -- of a key_update; NULL once that key is gone
  ADD COLUMN session_key_id bigint,
  -- Of a key_update it is made of its key when it is sent, so that no key outlives its row.
  ALTER COLUMN payload DROP NOT NULL,
  DROP CONSTRAINT command_kind_is_known,
  ADD CONSTRAINT command_kind_is_known CHECK (kind IN ('down', 'set', 'ask', 'call', 'config_get',
    'config_set', 'firmware_ask', 'ota_notify', 'key_update')),
  ADD CONSTRAINT command_keeps_no_key CHECK ((payload IS NULL) = (kind = 'key_update')),
  ADD CONSTRAINT command_session_key_exists FOREIGN KEY (session_key_id) REFERENCES session_key
    ON DELETE SET NULL;
CREATE INDEX command_by_session_key ON command (session_key_id) WHERE session_key_id IS NOT NULL;
-- A newer key cancels the update of the one before.
CREATE UNIQUE INDEX command_one_open_key_update ON command (device_id)
  WHERE kind = 'key_update' AND settled_at IS NULL;

-- ---------------------------------------------------------------- the keys
ALTER TABLE session_key
  -- issued for Command 3, not by an auth reply
  ADD COLUMN by_update boolean NOT NULL DEFAULT false,
  -- of these: when Command 3 was sent first
  ADD COLUMN told_at timestamptz;
UPDATE session_key SET by_update = true, told_at = CASE WHEN tries > 0 THEN issued_at END
WHERE tries > 0 OR next_try_at IS NOT NULL;

-- What was open goes on as a command. 'infinity' stood for a device that had left. Should a number
-- be taken, that device gets its update at its next login.
INSERT INTO command (device_id, kind, topic, header_ctrl, message_id, state, tries, created_at,
                     expires_at, sent_at, due_at, session_key_id)
SELECT device_id, 'key_update', 'downlink', 3, 1073741824 + floor(random() * 1073741824)::bigint,
       CASE WHEN tries > 0 THEN 'sent' ELSE 'queued' END, tries, issued_at, expires_at, told_at,
       CASE WHEN next_try_at < 'infinity' THEN next_try_at END, session_key_id
FROM session_key k
WHERE next_try_at IS NOT NULL AND used_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM session_key newer
                  WHERE newer.device_id = k.device_id AND newer.session_key_id > k.session_key_id)
ON CONFLICT DO NOTHING;

ALTER TABLE session_key DROP COLUMN tries, DROP COLUMN next_try_at;
