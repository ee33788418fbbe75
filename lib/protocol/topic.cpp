// SPDX-License-Identifier: Apache-2.0
#include "protocol/topic.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgate::protocol {
namespace {

template <int... numbers>
constexpr std::array<int, sizeof...(numbers)> commands{numbers...};

constexpr auto publish = DeviceVerb::publish;
constexpr auto subscribe = DeviceVerb::subscribe;
using enum TopicName;

// §2.3, with the commands of table 2.2. Everything else in this room follows from these rows.
constexpr std::array<TopicRow, 35> rows{{
    {auth, "TOPIC-2", "", publish, commands<1>, downlink},
    {downlink, "TOPIC-1", "downlink", subscribe, commands<1, 3, 7>, {}},
    {downlink_table, "TOPIC-4", "downloadlink", subscribe, commands<7>, {}},
    {uplink, "TOPIC-3", "uplink", publish, commands<4>, uplink_ack},
    {uplink_ack, "TOPIC-3", "uplink_ack", subscribe, commands<4>, {}},
    {downlink_ack, "TOPIC-4", "downlink_ack", publish, commands<7>, {}},
    {downlink_ack_table, "TOPIC-4", "downloadlink_ack", publish, commands<7>, {}},
    {firmware_report, "TOPIC-5", "firmware_report", publish, commands<8>, firmware_report_ack},
    {firmware_report_ack, "TOPIC-5", "firmware_report_ack", subscribe, commands<8>, {}},
    {ask_firmware, "TOPIC-6", "ask_firmware", subscribe, commands<13>, {}},
    {ota_notify, "TOPIC-7", "ota_notify", subscribe, commands<9>, {}},
    {ota_notify_ack, "TOPIC-7", "ota_notify_ack", publish, commands<9>, {}},
    {ask_config, "TOPIC-8", "ask_config", subscribe, commands<14>, {}},
    {config_report, "TOPIC-8", "config_report", publish, commands<14>, {}},
    {down_config, "TOPIC-8", "down_config", subscribe, commands<14>, {}},
    {down_config_table, "TOPIC-8", "download_config", subscribe, commands<14>, {}},
    {update_time, "TOPIC-9", "update_time", publish, commands<29>, update_time_ack},
    {update_time_ack, "TOPIC-9", "update_time_ack", subscribe, commands<29>, {}},
    {property_report, "TOPIC-10", "model/property/report", publish, commands<16>,
     property_report_ack},
    {property_report_ack, "TOPIC-10", "model/property/report_ack", subscribe, commands<16>, {}},
    {property_set, "TOPIC-10", "model/property/set", subscribe, commands<20>, {}},
    {property_set_ack, "TOPIC-10", "model/property/set_ack", publish, commands<20>, {}},
    {property_ask, "TOPIC-10", "model/property/ask", subscribe, commands<23>, {}},
    {event_report, "TOPIC-11", "model/event/{}/report", publish, commands<17>, event_report_ack},
    {event_report_ack, "TOPIC-11", "model/event/{}/report_ack", subscribe, commands<17>, {}},
    {service_call, "TOPIC-12", "model/service/{}", subscribe, commands<21>, {}},
    {service_ack, "TOPIC-12", "model/service/{}/ack", publish, commands<21>, {}},
    {history_report, "TOPIC-13", "model/history/data/report", publish, commands<27>,
     history_report_ack},
    {history_report_ack, "TOPIC-13", "model/history/data/report_ack", subscribe, commands<27>, {}},
    {hex_report, "TOPIC-14", "model/hex/report", publish, commands<18, 19, 26>, hex_report_ack},
    {hex_report_ack, "TOPIC-14", "model/hex/report_ack", subscribe, commands<18, 19, 26>, {}},
    {hex_downlink, "TOPIC-14", "model/hex/downlink", subscribe, commands<22, 24, 25>, {}},
    {hex_downlink_ack, "TOPIC-14", "model/hex/downlink_ack", publish, commands<22, 24, 25>, {}},
    {hex_full, "TOPIC-14", "model/hex", publish, commands<28>, hex_full_ack},
    {hex_full_ack, "TOPIC-14", "model/hex_ack", subscribe, commands<28>, {}},
}};

constexpr std::array<std::string_view, rows.size()> names{
    "auth",
    "downlink",
    "downlink_table",
    "uplink",
    "uplink_ack",
    "downlink_ack",
    "downlink_ack_table",
    "firmware_report",
    "firmware_report_ack",
    "ask_firmware",
    "ota_notify",
    "ota_notify_ack",
    "ask_config",
    "config_report",
    "down_config",
    "down_config_table",
    "update_time",
    "update_time_ack",
    "property_report",
    "property_report_ack",
    "property_set",
    "property_set_ack",
    "property_ask",
    "event_report",
    "event_report_ack",
    "service_call",
    "service_ack",
    "history_report",
    "history_report_ack",
    "hex_report",
    "hex_report_ack",
    "hex_downlink",
    "hex_downlink_ack",
    "hex_full",
    "hex_full_ack",
};

constexpr std::size_t index_of(TopicName name) noexcept { return static_cast<std::size_t>(name); }

constexpr bool rows_are_in_the_order_of_their_names() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (index_of(rows[i].name) != i) return false;
  }
  return index_of(hex_full_ack) + 1 == rows.size();
}
static_assert(rows_are_in_the_order_of_their_names());

/// The rows without an identifier by the length of their suffix: no length has more than three, so
/// a match costs one index and at most three compares.
class SuffixIndex {
 public:
  static constexpr std::size_t max_length = 32;
  static constexpr std::size_t max_rows = 3;

  consteval SuffixIndex() {
    for (const auto& row : rows) {
      if (row.suffix.empty() || row.suffix.find(identifier_mark) != std::string_view::npos)
        continue;
      auto& bucket = buckets_.at(row.suffix.size());
      bucket.names.at(bucket.count++) = row.name;
    }
  }

  constexpr std::optional<TopicName> find(std::string_view suffix) const noexcept {
    if (suffix.size() > max_length) return std::nullopt;
    const auto& bucket = buckets_[suffix.size()];
    for (std::size_t i = 0; i < bucket.count; ++i) {
      if (rows[index_of(bucket.names[i])].suffix == suffix) return bucket.names[i];
    }
    return std::nullopt;
  }

 private:
  struct Bucket {
    std::array<TopicName, max_rows> names{};
    std::size_t count = 0;
  };
  std::array<Bucket, max_length + 1> buckets_{};
};
constexpr SuffixIndex suffix_index;

constexpr std::string_view event_prefix = "model/event/";
constexpr std::string_view service_prefix = "model/service/";

/// The rows with an identifier, taken apart without judging the identifier.
std::optional<SuffixMatch> match_identified(std::string_view suffix) noexcept {
  const bool is_event = suffix.starts_with(event_prefix);
  if (!is_event && !suffix.starts_with(service_prefix)) return std::nullopt;
  suffix.remove_prefix(is_event ? event_prefix.size() : service_prefix.size());
  const auto end = std::min(suffix.find('/'), suffix.size());
  const auto identifier = suffix.substr(0, end);
  const auto rest = suffix.substr(end);
  if (is_event) {
    if (rest == "/report") return SuffixMatch{event_report, identifier};
    if (rest == "/report_ack") return SuffixMatch{event_report_ack, identifier};
  } else {
    if (rest.empty()) return SuffixMatch{service_call, identifier};
    if (rest == "/ack") return SuffixMatch{service_ack, identifier};
  }
  return std::nullopt;
}

/// Cuts the next level off `rest`; nothing where no level follows it.
std::optional<std::string_view> next_level(std::string_view& rest) noexcept {
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto level = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  return level;
}

}  // namespace

std::string_view to_string(TopicName name) noexcept { return names[index_of(name)]; }

std::span<const TopicRow> topic_table() noexcept { return rows; }

const TopicRow& row_of(TopicName name) noexcept { return rows[index_of(name)]; }

std::optional<SuffixMatch> match_suffix(std::string_view suffix) noexcept {
  if (const auto name = suffix_index.find(suffix)) return SuffixMatch{*name, {}};
  const auto match = match_identified(suffix);
  if (!match || !is_identifier(match->identifier)) return std::nullopt;
  return match;
}

std::optional<SuffixMatch> match_filter_suffix(std::string_view suffix) noexcept {
  const auto match = match_identified(suffix);
  if (match && match->identifier == "+") return match;
  return match_suffix(suffix);
}

bool is_identifier(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return is_simple_identifier(text);
  return is_simple_identifier(text.substr(0, colon)) &&
         is_simple_identifier(text.substr(colon + 1));
}

bool is_simple_identifier(std::string_view text) noexcept {
  const auto legal = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, legal);
}

std::optional<TopicMatch> parse_topic(std::string_view topic) noexcept {
  if (topic == auth_topic) return TopicMatch{auth, {}, {}};
  constexpr std::string_view prefix = "/sys/";
  if (!topic.starts_with(prefix)) return std::nullopt;
  auto rest = topic.substr(prefix.size());
  const auto open_id = next_level(rest);
  const auto product_id = next_level(rest);
  const auto node_eui = next_level(rest);
  if (!open_id || !product_id || !node_eui) return std::nullopt;
  const IdentityView device{*open_id, *product_id, *node_eui};
  if (!is_open_id(device.open_id) || !is_product_id(device.product_id) ||
      !is_node_eui(device.node_eui)) {
    return std::nullopt;
  }
  const auto match = match_suffix(rest);
  if (!match) return std::nullopt;
  return TopicMatch{match->name, device, match->identifier};
}

std::string build_topic(TopicName name, const IdentityView& device, std::string_view identifier) {
  if (name == auth) return std::string(auth_topic);
  auto topic = topic_root(device);
  topic += '/';
  const auto suffix = row_of(name).suffix;
  const auto gap = suffix.find(identifier_mark);
  topic += suffix.substr(0, gap);
  if (gap != std::string_view::npos) {
    topic += identifier;
    topic += suffix.substr(gap + identifier_mark.size());
  }
  return topic;
}

}  // namespace xgate::protocol
