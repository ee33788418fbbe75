// SPDX-License-Identifier: Apache-2.0
#pragma once

// SQL's form of what the API shows, in one place.
// NOLINTBEGIN(bugprone-macro-parentheses): pasted into string literals, at compile time.
#define XGATE_RFC3339(column) \
  "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
// NOLINTEND(bugprone-macro-parentheses)
