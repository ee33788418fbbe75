// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/identity.hpp"

namespace xgate::protocol {

/// One entry a row of §2.3 (TOPIC-1…TOPIC-14), named by the topic's own words.
/// "table" marks the names that only the table of §2.3 uses (TOPIC-4, TOPIC-8).
enum class TopicName : std::uint8_t {
  auth,
  downlink,
  downlink_table,
  uplink,
  uplink_ack,
  downlink_ack,
  downlink_ack_table,
  firmware_report,
  firmware_report_ack,
  ask_firmware,
  ota_notify,
  ota_notify_ack,
  ask_config,
  config_report,
  down_config,
  down_config_table,
  update_time,
  update_time_ack,
  property_report,
  property_report_ack,
  property_set,
  property_set_ack,
  property_ask,
  event_report,
  event_report_ack,
  service_call,
  service_ack,
  history_report,
  history_report_ack,
  hex_report,
  hex_report_ack,
  hex_downlink,
  hex_downlink_ack,
  hex_full,
  hex_full_ack,
};
std::string_view to_string(TopicName name) noexcept;

/// What a device may do with a topic.
enum class DeviceVerb : std::uint8_t { publish, subscribe };

struct TopicRow {
  TopicName name;
  std::string_view requirement;  ///< "TOPIC-3"
  std::string_view suffix;       ///< below T; "{}" stands for an identifier
  DeviceVerb verb;
  std::span<const int> header_ctrls;  ///< commands that may travel on it
  std::optional<TopicName> ack;       ///< where the platform answers what arrives here
};

/// All rows, indexed by TopicName.
std::span<const TopicRow> topic_table() noexcept;
const TopicRow& row_of(TopicName name) noexcept;

inline constexpr std::string_view auth_topic = "/sys/device/auth";

/// What "{}" in a row's suffix stands for: an identifier of the thing model, or one of its modules'
/// with the module's in front ("lamp:power").
bool is_identifier(std::string_view text) noexcept;
/// One of the two parts: 1…64 of [A-Za-z0-9_-].
bool is_simple_identifier(std::string_view text) noexcept;
/// What an identifier is, for who wrote none: "must be …".
inline constexpr std::string_view identifier_form =
    "1 to 64 letters, digits, \"_\" and \"-\", or two such joined by \":\" (module:identifier)";
constexpr std::string_view identifier_mark = "{}";

/// A topic taken apart. The views point into the topic that was parsed.
struct TopicMatch {
  TopicName name;
  IdentityView device;          ///< empty for `auth`, which names no device
  std::string_view identifier;  ///< of an event or service, else empty
};
/// Nothing for a topic of no row, an ill-formed identity, or no identifier where one must be. Never
/// allocates.
std::optional<TopicMatch> parse_topic(std::string_view topic) noexcept;

/// The row whose suffix is `suffix` (what follows "T/"), and its identifier. Never allocates.
struct SuffixMatch {
  TopicName name;
  std::string_view identifier;
};
std::optional<SuffixMatch> match_suffix(std::string_view suffix) noexcept;
/// The same for what follows "T/" in a filter: `+` may stand for the identifier (section 4).
std::optional<SuffixMatch> match_filter_suffix(std::string_view suffix) noexcept;

/// The full topic of a row for a device; `identifier` where the row has one.
std::string build_topic(TopicName name, const IdentityView& device,
                        std::string_view identifier = {});

}  // namespace xgate::protocol
