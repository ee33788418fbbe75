-- SPDX-License-Identifier: Apache-2.0
-- What `upgrade retry` replaces (OTA-4): a device that still holds the older DownID is told how that
-- try ended, not that there never was one. Only those that a device was told; as long as messages stay.
CREATE TABLE former_down_id (
  down_id    text PRIMARY KEY,
  upgrade_id bigint NOT NULL,
  state      text NOT NULL,
  ended_at   timestamptz NOT NULL,
  CONSTRAINT former_down_id_upgrade_exists FOREIGN KEY (upgrade_id) REFERENCES upgrade
    ON DELETE CASCADE
);
CREATE INDEX former_down_id_by_upgrade ON former_down_id (upgrade_id);
CREATE INDEX former_down_id_by_end ON former_down_id (ended_at);
