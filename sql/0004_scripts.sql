-- SPDX-License-Identifier: Apache-2.0
-- Parsing scripts of HEX products (HEX-4): every version that ever stood, the newest one is in use.
CREATE TABLE script (
  -- never used again, not even by a product of the same id: what a cache may go by
  script_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text NOT NULL,
  version    integer NOT NULL,
  source     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT script_version_is_unique UNIQUE (product_id, version),
  CONSTRAINT script_product_exists FOREIGN KEY (product_id) REFERENCES product ON DELETE CASCADE
);
