// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/topic.hpp"

namespace xgate::protocol {

/// Section 2.3 and table 2.2 written down a second time, from the protocol's text: the tests hold
/// the table of the rules against it.
struct ExpectedRow {
  TopicName name;
  std::string requirement;
  std::string suffix;  ///< with an example in the identifier's place
  std::string identifier;
  DeviceVerb verb;
  std::vector<int> commands;
  std::optional<TopicName> ack;
};

inline const std::vector<ExpectedRow>& expected_rows() {
  using enum TopicName;
  constexpr auto pub = DeviceVerb::publish;
  constexpr auto sub = DeviceVerb::subscribe;
  static const std::vector<ExpectedRow> rows{
      {downlink, "TOPIC-1", "downlink", "", sub, {1, 3, 7}, {}},
      {downlink_table, "TOPIC-4", "downloadlink", "", sub, {7}, {}},
      {uplink, "TOPIC-3", "uplink", "", pub, {4}, uplink_ack},
      {uplink_ack, "TOPIC-3", "uplink_ack", "", sub, {4}, {}},
      {downlink_ack, "TOPIC-4", "downlink_ack", "", pub, {7}, {}},
      {downlink_ack_table, "TOPIC-4", "downloadlink_ack", "", pub, {7}, {}},
      {firmware_report, "TOPIC-5", "firmware_report", "", pub, {8}, firmware_report_ack},
      {firmware_report_ack, "TOPIC-5", "firmware_report_ack", "", sub, {8}, {}},
      {ask_firmware, "TOPIC-6", "ask_firmware", "", sub, {13}, {}},
      {ota_notify, "TOPIC-7", "ota_notify", "", sub, {9}, {}},
      {ota_notify_ack, "TOPIC-7", "ota_notify_ack", "", pub, {9}, {}},
      {ask_config, "TOPIC-8", "ask_config", "", sub, {14}, {}},
      {config_report, "TOPIC-8", "config_report", "", pub, {14}, {}},
      {down_config, "TOPIC-8", "down_config", "", sub, {14}, {}},
      {down_config_table, "TOPIC-8", "download_config", "", sub, {14}, {}},
      {update_time, "TOPIC-9", "update_time", "", pub, {29}, update_time_ack},
      {update_time_ack, "TOPIC-9", "update_time_ack", "", sub, {29}, {}},
      {property_report, "TOPIC-10", "model/property/report", "", pub, {16}, property_report_ack},
      {property_report_ack, "TOPIC-10", "model/property/report_ack", "", sub, {16}, {}},
      {property_set, "TOPIC-10", "model/property/set", "", sub, {20}, {}},
      {property_set_ack, "TOPIC-10", "model/property/set_ack", "", pub, {20}, {}},
      {property_ask, "TOPIC-10", "model/property/ask", "", sub, {23}, {}},
      {event_report, "TOPIC-11", "model/event/alarm/report", "alarm", pub, {17}, event_report_ack},
      {event_report_ack, "TOPIC-11", "model/event/alarm/report_ack", "alarm", sub, {17}, {}},
      {service_call, "TOPIC-12", "model/service/switch", "switch", sub, {21}, {}},
      {service_ack, "TOPIC-12", "model/service/switch/ack", "switch", pub, {21}, {}},
      {history_report, "TOPIC-13", "model/history/data/report", "", pub, {27}, history_report_ack},
      {history_report_ack, "TOPIC-13", "model/history/data/report_ack", "", sub, {27}, {}},
      {hex_report, "TOPIC-14", "model/hex/report", "", pub, {18, 19, 26}, hex_report_ack},
      {hex_report_ack, "TOPIC-14", "model/hex/report_ack", "", sub, {18, 19, 26}, {}},
      {hex_downlink, "TOPIC-14", "model/hex/downlink", "", sub, {22, 24, 25}, {}},
      {hex_downlink_ack, "TOPIC-14", "model/hex/downlink_ack", "", pub, {22, 24, 25}, {}},
      {hex_full, "TOPIC-14", "model/hex", "", pub, {28}, hex_full_ack},
      {hex_full_ack, "TOPIC-14", "model/hex_ack", "", sub, {28}, {}},
  };
  return rows;
}

}  // namespace xgate::protocol
