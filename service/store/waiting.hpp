// SPDX-License-Identifier: Apache-2.0
#pragma once

// SQL that tells what commands wait for, in one place. Of the statement around it: c is the
// command, d its device, p the product, v the vendor, and pr the presence, which may be missing.
// NOLINTBEGIN(bugprone-macro-parentheses): pasted into string literals, at compile time.

/// Whether the device is known to have subscribed to the topic of a command whose columns are `row`
/// topic and service.
#define XGATE_SUBSCRIBED(row)                                         \
  "(strpos(pr.listens, ' ' || " row                                   \
  "topic || ' ') > 0 "                                                \
  "OR coalesce(strpos(pr.listens, ' ' || " row "topic || '/' || " row \
  "service || ' ') > 0, false))"
/// The same, or may have.
#define XGATE_LISTENS(row) \
  "(" XGATE_SUBSCRIBED(row) " OR strpos(pr.listens, ' brought_along ') > 0)"

/// Which of the three is disabled, as a word of protocol::WaitingFor; NULL: none.
#define XGATE_DISABLED                                                                       \
  "CASE WHEN NOT v.enabled THEN 'vendor_enabled' WHEN NOT p.enabled THEN 'product_enabled' " \
  "WHEN NOT d.enabled THEN 'device_enabled' END"

/// Whether there is a key for what is to be encrypted (flows::sealing_key).
#define XGATE_HAS_KEY                                                                        \
  "EXISTS (SELECT 1 FROM session_key k WHERE k.device_id = c.device_id "                     \
  "AND (k.used_at IS NOT NULL OR k.told_at IS NOT NULL OR (NOT k.by_update AND k.issued_at " \
  "<= pr.online_at)))"

/// The word for an open command. `there`: whether the device is, or was, where it could be sent.
/// What may leave at once is due: what is not went unheard, where the device was taken to listen,
/// or was put off for want of a key.
#define XGATE_WAITING_FOR(there) \
  "coalesce(" XGATE_DISABLED ", CASE WHEN NOT coalesce(" there                            \
  ", false) THEN 'online' "                                                               \
  "WHEN c.sent_session = pr.epoch || '/' || pr.session THEN 'answer' "                    \
  "WHEN NOT " XGATE_LISTENS("c.") " THEN 'subscription' "                                 \
  "WHEN c.due_at IS NOT NULL THEN 'broker' "                                              \
  "WHEN NOT " XGATE_SUBSCRIBED("c.") " AND NOT (c.encrypt AND NOT " XGATE_HAS_KEY ") "    \
  "THEN 'subscription' WHEN c.encrypt THEN 'session_key' ELSE 'broker' END)"
// NOLINTEND(bugprone-macro-parentheses)
