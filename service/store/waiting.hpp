// SPDX-License-Identifier: Apache-2.0
#pragma once

// SQL that tells what commands wait for, in one place. Of the statement around it: c is the
// command, d its device, p the product, v the vendor, and pr the presence, which may be missing.
// NOLINTBEGIN(bugprone-macro-parentheses): pasted into string literals, at compile time.

/// Whether the device has subscribed to the topic of a command whose columns are `row` topic and
/// service.
#define XGATE_LISTENS(row)                                            \
  "(strpos(pr.listens, ' ' || " row                                   \
  "topic || ' ') > 0 "                                                \
  "OR coalesce(strpos(pr.listens, ' ' || " row "topic || '/' || " row \
  "service || ' ') > 0, false) "                                      \
  "OR strpos(pr.listens, ' brought_along ') > 0)"

/// Which of the three is disabled, as a word of protocol::WaitingFor; NULL: none.
#define XGATE_DISABLED                                                                       \
  "CASE WHEN NOT v.enabled THEN 'vendor_enabled' WHEN NOT p.enabled THEN 'product_enabled' " \
  "WHEN NOT d.enabled THEN 'device_enabled' END"

/// The word for an open command. `there`: whether the device is, or was, where it could be sent.
/// What may leave at once is due: one to be encrypted that is not was put off for want of a key.
#define XGATE_WAITING_FOR(there) \
  "coalesce(" XGATE_DISABLED ", CASE WHEN NOT coalesce(" there ", false) THEN 'online' "          \
  "WHEN c.sent_session = pr.epoch || '/' || pr.session THEN 'answer' "                            \
  "WHEN NOT " XGATE_LISTENS("c.") " THEN 'subscription' "                                         \
  "WHEN c.encrypt AND c.due_at IS NULL THEN 'session_key' ELSE 'broker' END)"
// NOLINTEND(bugprone-macro-parentheses)
