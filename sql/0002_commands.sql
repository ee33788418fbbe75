-- SPDX-License-Identifier: Apache-2.0
-- What the platform tells and asks devices, and what they answered.

-- ---------------------------------------------------------------- commands
-- One row a command, from before anything is sent until retention. Commands of one device are
-- numbered in the order in which they become visible: whoever inserts one locks the device's row
-- first, which also makes sure that a login at the same moment is not missed (due_at).
CREATE TABLE command (
  command_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id       bigint NOT NULL,
  kind            text NOT NULL,
  -- of a call: the service's identifier
  service         text,
  -- JSON text: what was asked for, in the application's words; NULL of what the platform sends itself
  request         text,
  -- the row of the protocol's table of topics
  topic           text NOT NULL,
  header_ctrl     integer NOT NULL,
  -- JSON text, plain
  payload         text NOT NULL,
  encrypt         boolean NOT NULL DEFAULT false,
  message_id      bigint NOT NULL,
  idempotency_key text,
  state           text NOT NULL DEFAULT 'queued',
  -- the device's Code and Data, or the report that answered
  code            text,
  result          text,
  reason          text,
  tries           integer NOT NULL DEFAULT 0,
  answers         integer NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  sent_at         timestamptz,
  received_at     timestamptz,
  settled_at      timestamptz,
  -- When to send it, NULL: not before the device logs in again (or listens anew).
  due_at          timestamptz,
  -- the session of the device in which it was sent last, "epoch/number"
  sent_session    text,
  CONSTRAINT command_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE,
  CONSTRAINT command_message_id_is_unique UNIQUE (device_id, message_id),
  CONSTRAINT command_kind_is_known CHECK (kind IN ('down', 'set', 'ask', 'call', 'config_get',
    'config_set', 'firmware_ask', 'ota_notify')),
  CONSTRAINT command_state_is_known CHECK (state IN ('queued', 'sent', 'received', 'done', 'failed',
    'expired', 'cancelled')),
  CONSTRAINT command_settles_once CHECK (
    (settled_at IS NOT NULL) = (state IN ('done', 'failed', 'expired', 'cancelled'))),
  CONSTRAINT command_is_not_due_when_settled CHECK (settled_at IS NULL OR due_at IS NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX command_by_idempotency_key ON command (device_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX command_by_device ON command (device_id, command_id);
CREATE INDEX command_open_by_device ON command (device_id, command_id) WHERE settled_at IS NULL;
CREATE INDEX command_due ON command (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX command_open_by_expiry ON command (expires_at) WHERE settled_at IS NULL;
CREATE INDEX command_settled ON command (settled_at) WHERE settled_at IS NOT NULL;

-- What the device has subscribed to in its present session, of the topics that commands go to:
-- the names of their rows, each between spaces (of a service also "service_call/identifier"), and
-- "brought_along" where it did not start clean: of those subscriptions nobody tells.
ALTER TABLE presence ADD COLUMN listens text NOT NULL DEFAULT ' ';

-- ---------------------------------------------------------------- configuration
-- CONF-1: the settings that a device reported last, asked or unasked.
CREATE TABLE device_config (
  device_id   bigint PRIMARY KEY,
  settings    text NOT NULL,
  reported_at timestamptz NOT NULL,
  CONSTRAINT device_config_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
);

-- ---------------------------------------------------------------- what was said
-- What there is to say of an accepted message: a value that was coerced, the command it answered.
ALTER TABLE message ADD COLUMN note text;
