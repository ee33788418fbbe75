-- SPDX-License-Identifier: Apache-2.0
-- The platform: who exists, who is there, what was said.
-- Applied by `xgate migrate` in one transaction; never edited after a release, only followed.

-- ---------------------------------------------------------------- who exists
CREATE TABLE vendor (
  open_id    text PRIMARY KEY,
  name       text NOT NULL,
  enabled    boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT vendor_open_id_is_8_hex_digits CHECK (open_id ~ '^[0-9A-Fa-f]{8}$'),
  CONSTRAINT vendor_name_is_not_empty CHECK (name <> '')
);

CREATE TABLE product (
  product_id           text PRIMARY KEY,
  open_id              text NOT NULL,
  name                 text NOT NULL,
  -- Text, not bytes: the AUTH- password and the V2_ plaintext carry it exactly as issued.
  product_key          text NOT NULL,
  auth_type            smallint NOT NULL,
  kind                 text NOT NULL,
  encrypted            boolean NOT NULL DEFAULT false,
  enabled              boolean NOT NULL DEFAULT true,
  version              text NOT NULL DEFAULT '2.0',
  key_lifetime_s       bigint NOT NULL DEFAULT 172800,
  -- NULL: auto, learnt from each device (ENC-2)
  key_reading          text,
  -- NULL: on for types 0 and 1, off for type 2 (AUTH-8)
  reveal_device_secret boolean,
  reauth               text NOT NULL DEFAULT 'always',
  accept_plaintext     boolean NOT NULL DEFAULT false,
  allow_hash           boolean NOT NULL DEFAULT false,
  topic_names          text NOT NULL DEFAULT 'section',
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT product_vendor_exists FOREIGN KEY (open_id) REFERENCES vendor ON DELETE RESTRICT,
  CONSTRAINT product_id_is_8_hex_digits CHECK (product_id ~ '^[0-9A-Fa-f]{8}$'),
  CONSTRAINT product_key_is_32_hex_digits CHECK (product_key ~ '^[0-9A-Fa-f]{32}$'),
  CONSTRAINT product_auth_type_is_known CHECK (auth_type IN (0, 1, 2)),
  CONSTRAINT product_kind_is_known CHECK (kind IN ('transparent', 'json', 'hex')),
  CONSTRAINT product_key_lifetime_is_positive CHECK (key_lifetime_s > 0),
  CONSTRAINT product_key_reading_is_known CHECK (key_reading IN
    ('text_product_key', 'bytes_product_key', 'text_device_secret', 'bytes_device_secret')),
  CONSTRAINT product_reauth_is_known CHECK (reauth IN ('always', 'until_activated')),
  CONSTRAINT product_topic_names_is_known CHECK (topic_names IN ('section', 'table'))
);
CREATE INDEX product_by_vendor ON product (open_id);

-- A row's revision only ever grows, so that a plugin which hears of a device twice (by $CONTROL and
-- by NOTIFY, in either order) keeps the newer one.
CREATE SEQUENCE device_revision;

CREATE TABLE device (
  device_id     bigint GENERATED ALWAYS AS IDENTITY,
  product_id    text NOT NULL,
  node_eui      text NOT NULL,
  -- As issued or burnt in; its bytes are the key, its text goes into the auth reply.
  device_secret text NOT NULL,
  enabled       boolean NOT NULL DEFAULT true,
  registered_by text NOT NULL DEFAULT 'api',
  registered_at timestamptz NOT NULL DEFAULT now(),
  revision      bigint NOT NULL DEFAULT nextval('device_revision'),
  CONSTRAINT device_pkey PRIMARY KEY (product_id, node_eui),
  CONSTRAINT device_id_is_unique UNIQUE (device_id),
  CONSTRAINT device_product_exists FOREIGN KEY (product_id) REFERENCES product ON DELETE RESTRICT,
  CONSTRAINT device_node_eui_is_legal CHECK (node_eui ~ '^[A-Za-z0-9]{4,32}$'),
  CONSTRAINT device_secret_is_32_hex_digits CHECK (device_secret ~ '^[0-9A-Fa-f]{32}$'),
  CONSTRAINT device_registered_by_is_known CHECK (registered_by IN ('api', 'import', 'device'))
);

CREATE FUNCTION device_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.revision := nextval('device_revision');
  RETURN NEW;
END $$;
CREATE TRIGGER device_touch BEFORE UPDATE ON device FOR EACH ROW EXECUTE FUNCTION device_touch();

-- ------------------------------------------- telling those who hold a copy
-- NOTIFY serialises commits across the cluster, so it stands only on these low-rate tables, and a
-- statement that touches many rows sends one word instead of one message a row.
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
BEGIN
  IF TG_TABLE_NAME <> 'device' THEN
    PERFORM pg_notify('xgate_directory', 'products');
    RETURN NULL;
  END IF;
  SELECT count(*) INTO touched FROM changed;
  IF touched > 1000 THEN
    PERFORM pg_notify('xgate_directory', 'all');
  ELSE
    PERFORM pg_notify('xgate_directory', 'device ' || product_id || '.' || node_eui) FROM changed;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER vendor_changed AFTER INSERT OR UPDATE OR DELETE ON vendor
  FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER product_changed AFTER INSERT OR UPDATE OR DELETE ON product
  FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER device_inserted AFTER INSERT ON device REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER device_updated AFTER UPDATE ON device REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER device_deleted AFTER DELETE ON device REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();

-- ---------------------------------------------------------------- who is there
CREATE TABLE broker (
  broker           text PRIMARY KEY,
  epoch            text NOT NULL,
  epoch_started_at timestamptz NOT NULL,
  seen_at          timestamptz NOT NULL DEFAULT now()
);

-- Apart from `device`: written at every login, and never a reason to tell the plugins.
CREATE TABLE presence (
  device_id            bigint PRIMARY KEY,
  online               boolean NOT NULL DEFAULT false,
  broker               text,
  epoch                text,
  session              bigint,
  client_id            text,
  address              text,
  activated_at         timestamptz,
  online_at            timestamptz,
  offline_at           timestamptz,
  last_type1_timestamp bigint NOT NULL DEFAULT 0,
  CONSTRAINT presence_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX presence_online ON presence (broker, epoch) WHERE online;

-- ---------------------------------------------------------------- session keys
-- Newest first, all that the device may still be using (KEY-2): the first message that opens with a
-- key makes it the oldest one accepted, and the ones before it go.
CREATE TABLE session_key (
  session_key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id      bigint NOT NULL,
  session_id     text NOT NULL,
  nonce          integer NOT NULL,
  key_reading    text,
  issued_at      timestamptz NOT NULL DEFAULT now(),
  expires_at     timestamptz NOT NULL,
  used_at        timestamptz,
  -- KEY-1: how often Command 3 was sent for this key, and when to send it next; NULL: not to be
  -- sent (issued by an auth reply, already in use, or three tries are over)
  tries          smallint NOT NULL DEFAULT 0,
  next_try_at    timestamptz,
  CONSTRAINT session_key_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
);
CREATE INDEX session_key_by_device ON session_key (device_id, session_key_id DESC);
CREATE INDEX session_key_to_send ON session_key (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX session_key_by_expiry ON session_key (expires_at);

-- ---------------------------------------------------------------- firmware
CREATE TABLE firmware (
  device_id   bigint NOT NULL,
  module      text NOT NULL,
  hard_ver    text NOT NULL,
  soft_ver    text NOT NULL,
  type        integer NOT NULL,
  reported_at timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL,
  PRIMARY KEY (device_id, module),
  CONSTRAINT firmware_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE
);

-- ---------------------------------------------------------------- what was said
-- Everything a device sent, in partitions of a day that retention drops whole. No foreign key: a
-- deleted device's history stays until its partition goes, and an insert costs no look-up.
CREATE SEQUENCE message_sequence;
CREATE TABLE message (
  received_at  timestamptz NOT NULL,
  sequence     bigint NOT NULL DEFAULT nextval('message_sequence'),
  device_id    bigint,
  product_id   text NOT NULL,
  node_eui     text NOT NULL,
  topic        text NOT NULL,
  -- JSON text: a string or an integer, as sent (FRAME-2); NULL where none could be read
  message_id   text,
  header_ctrl  integer,
  -- decrypted JSON text; NULL where it could not be opened
  payload      text,
  encrypted    boolean NOT NULL DEFAULT false,
  -- the bytes as they came
  raw          bytea NOT NULL,
  -- the broker sent it again after a lost acknowledgement: may stand here twice
  redelivered  boolean NOT NULL DEFAULT false,
  -- what it was answered: "200", "4001", an auth code; NULL: nothing to reply to
  code         text,
  -- of a violation: the requirement and one sentence
  requirement  text,
  reason       text
) PARTITION BY RANGE (received_at);
-- The sequence is the order of storing, and what readers page and follow by.
CREATE INDEX message_by_device ON message (product_id, node_eui, sequence);

-- Refused logins, publishes and subscriptions, as the broker told them.
CREATE TABLE refusal (
  refused_at  timestamptz NOT NULL,
  sequence    bigint NOT NULL DEFAULT nextval('message_sequence'),
  what        text NOT NULL,
  broker      text NOT NULL,
  product_id  text,
  node_eui    text,
  client_id   text NOT NULL,
  username    text NOT NULL,
  address     text NOT NULL,
  topic       text,
  requirement text NOT NULL,
  reason      text NOT NULL,
  -- the usual mistake that explains it (TRACE-1), where one does
  explanation text,
  CONSTRAINT refusal_what_is_known CHECK (what IN ('login', 'publish', 'subscribe', 'will'))
) PARTITION BY RANGE (refused_at);
CREATE INDEX refusal_by_sequence ON refusal (sequence);
CREATE INDEX refusal_by_device ON refusal (product_id, node_eui, sequence);

-- Makes the day partitions [from, to] where they are missing, and drops those that end before
-- `keep_from`. Called by the service every hour; a row outside every partition is refused by
-- PostgreSQL, so the days ahead are made well before they come.
CREATE FUNCTION maintain_partitions(from_day date, to_day date, keep_from date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  day date;
  child record;
BEGIN
  -- one at a time, whoever calls: CREATE … IF NOT EXISTS races with itself
  PERFORM pg_advisory_xact_lock(hashtext('xgate maintain_partitions'));
  FOREACH parent IN ARRAY ARRAY['message', 'refusal'] LOOP
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

-- ---------------------------------------------------------------- who may ask
CREATE TABLE api_token (
  token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL,
  -- SHA-256 of 256 random bits: nothing to guess, so no slow hash is needed
  token_sha256 bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  revoked_at   timestamptz,
  CONSTRAINT api_token_is_unique UNIQUE (token_sha256)
);
