-- SPDX-License-Identifier: Apache-2.0
-- Why commands wait, the open ones of a product, the upgrades of a device.

ALTER TABLE command
  -- Its device's, so that a product's open commands are found by themselves. NULL of what was settled before.
  ADD COLUMN product_id text,
  -- of an expired one: what it waited for until then
  ADD COLUMN waited_for text;
UPDATE command c SET product_id = d.product_id
FROM device d WHERE d.device_id = c.device_id AND c.settled_at IS NULL;
ALTER TABLE command
  ADD CONSTRAINT command_open_has_product CHECK (product_id IS NOT NULL OR settled_at IS NOT NULL);
-- NULLS LAST, though none is NULL, as it is asked for: no other index has that order, so that the planner cannot take the
-- primary key's instead and read all that was settled, on its way to the few that are open.
CREATE INDEX command_open_by_product ON command (product_id, command_id DESC NULLS LAST)
  WHERE settled_at IS NULL;

CREATE INDEX upgrade_by_device ON upgrade (device_id, upgrade_id);
