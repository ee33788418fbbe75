-- SPDX-License-Identifier: Apache-2.0
-- To the minute: who sees that a token is not used any more can revoke it.
ALTER TABLE api_token ADD COLUMN last_used_at timestamptz;
