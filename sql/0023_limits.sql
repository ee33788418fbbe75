-- SPDX-License-Identifier: Apache-2.0
-- LIMIT-1, LIMIT-2: what a device of the product may publish in a second; NULL: as the broker is set.
ALTER TABLE product
  ADD COLUMN messages_per_second integer
    CONSTRAINT product_messages_per_second_positive CHECK (messages_per_second > 0),
  ADD COLUMN bytes_per_second integer
    CONSTRAINT product_bytes_per_second_positive CHECK (bytes_per_second > 0);
