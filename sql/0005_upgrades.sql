-- SPDX-License-Identifier: Apache-2.0
-- Firmware images, upgrade jobs, and one upgrade a device and job (OTA-1…4).

-- The content lies in the folder of [firmware], named by its SHA-256; the same content once, however
-- many images are made of it. A row is committed after its file is durable.
CREATE TABLE firmware_image (
  image_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text NOT NULL,
  module     text NOT NULL DEFAULT 'default',
  version    text NOT NULL,
  -- what devices are told as firmwareName
  file_name  text NOT NULL,
  size       bigint NOT NULL,
  md5        text NOT NULL,
  sha256     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT firmware_image_is_one_a_version UNIQUE (product_id, module, version),
  CONSTRAINT firmware_image_product_exists FOREIGN KEY (product_id) REFERENCES product
    ON DELETE CASCADE,
  CONSTRAINT firmware_image_size_is_positive CHECK (size > 0),
  CONSTRAINT firmware_image_md5_is_32_hex_digits CHECK (md5 ~ '^[0-9a-f]{32}$'),
  CONSTRAINT firmware_image_sha256_is_64_hex_digits CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX firmware_image_by_content ON firmware_image (sha256);

-- What an image was is kept here too: a job's history outlives it.
CREATE TABLE upgrade_job (
  job_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id   text NOT NULL,
  module       text NOT NULL,
  version      text NOT NULL,
  image_id     bigint,
  file_name    text NOT NULL,
  size         bigint NOT NULL,
  md5          text NOT NULL,
  sha256       text NOT NULL,
  -- of each device: from its release to its first report, and from then to the verdict
  time_limit_s bigint NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  cancelled_at timestamptz,
  CONSTRAINT upgrade_job_product_exists FOREIGN KEY (product_id) REFERENCES product
    ON DELETE CASCADE,
  CONSTRAINT upgrade_job_image_exists FOREIGN KEY (image_id) REFERENCES firmware_image
    ON DELETE SET NULL,
  CONSTRAINT upgrade_job_time_limit_is_positive CHECK (time_limit_s > 0)
);
CREATE INDEX upgrade_job_by_product ON upgrade_job (product_id, job_id DESC);
CREATE INDEX upgrade_job_by_image ON upgrade_job (image_id);

CREATE TABLE upgrade (
  upgrade_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id              bigint NOT NULL,
  device_id           bigint NOT NULL,
  module              text NOT NULL,
  state               text NOT NULL DEFAULT 'pending',
  -- Grows at each change. A batch that decided by an older one is decided again.
  revision            bigint NOT NULL DEFAULT 1,
  -- the order in which a job's stages release its devices: a hash, so the same at every look
  rank                bigint NOT NULL,
  released_at         timestamptz,
  -- when the time limit ends it; NULL while it is not released, and once it has ended
  deadline_at         timestamptz,
  -- 122 random bits: who knows it may download (OTA-4). Another one at each try.
  down_id             text NOT NULL DEFAULT upper(replace(gen_random_uuid()::text, '-', '')),
  attempt             integer NOT NULL DEFAULT 1,
  version_before      text NOT NULL DEFAULT '',
  version_after       text NOT NULL DEFAULT '',
  -- MQTT sessions, as the broker stamps them (OTA-3); '' where unknown
  notified_session    text NOT NULL DEFAULT '',
  confirmed_session   text NOT NULL DEFAULT '',
  notified_at         timestamptz,
  confirmed_at        timestamptz,
  download_started_at timestamptz,
  -- when as many bytes as the file has were sent, and how many were sent in all
  downloaded_at       timestamptz,
  bytes_sent          bigint NOT NULL DEFAULT 0,
  ended_at            timestamptz,
  reason              text NOT NULL DEFAULT '',
  CONSTRAINT upgrade_is_one_a_job_and_device UNIQUE (job_id, device_id),
  CONSTRAINT upgrade_down_id_is_unique UNIQUE (down_id),
  CONSTRAINT upgrade_job_exists FOREIGN KEY (job_id) REFERENCES upgrade_job ON DELETE CASCADE,
  CONSTRAINT upgrade_device_exists FOREIGN KEY (device_id) REFERENCES device (device_id)
    ON DELETE CASCADE,
  CONSTRAINT upgrade_state_is_known CHECK (state IN ('pending', 'notified', 'confirmed',
    'downloading', 'succeeded', 'failed', 'timed_out', 'cancelled')),
  CONSTRAINT upgrade_end_has_a_time CHECK
    ((ended_at IS NULL) = (state IN ('pending', 'notified', 'confirmed', 'downloading')))
) WITH (fillfactor = 80);
-- At most one live upgrade a device and module; and the pipeline's way to it.
CREATE UNIQUE INDEX upgrade_one_live_a_module ON upgrade (device_id, module)
  WHERE ended_at IS NULL;
-- A late ota_notify_ack is told from one that never was ours.
CREATE INDEX upgrade_ended_by_device ON upgrade (device_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX upgrade_overdue ON upgrade (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX upgrade_to_release ON upgrade (job_id, rank, upgrade_id)
  WHERE released_at IS NULL AND ended_at IS NULL;
