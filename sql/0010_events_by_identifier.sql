-- SPDX-License-Identifier: Apache-2.0
-- The events of one identifier, however rare it is among a device's events; also what tells a report
-- that comes again from a new one (HIST-1).
CREATE INDEX event_history_by_identifier
  ON event_history (device_id, identifier, device_time, sequence);
