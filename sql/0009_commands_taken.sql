-- SPDX-License-Identifier: Apache-2.0
-- When the broker had taken a command. One that stands as sent and was never taken did not leave: the service that was to
-- send it ended in between.
ALTER TABLE command ADD COLUMN taken_at timestamptz;
UPDATE command SET taken_at = sent_at WHERE settled_at IS NULL;
