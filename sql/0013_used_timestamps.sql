-- SPDX-License-Identifier: Apache-2.0
-- V2-3: which type-1 timestamps a device can use no more.
ALTER TABLE presence
  -- bit n: whether the second n before last_type1_timestamp is used; until now, all of them were
  ADD COLUMN type1_used bigint NOT NULL DEFAULT -1;
