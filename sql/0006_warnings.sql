-- SPDX-License-Identifier: Apache-2.0
-- An accepted message whose note tells of something that the device's maker should mend.
ALTER TABLE message ADD COLUMN warning boolean NOT NULL DEFAULT false;
