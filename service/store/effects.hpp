// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/frame.hpp"
#include "protocol/topic.hpp"
#include "service/store/rows.hpp"

// What the flows of device messages take and give: nothing here does anything.
namespace xgate::store {

/// What came of a device's bytes in its product's parsing script (HEX-4).
struct ScriptResult {
  tl::expected<nlohmann::json, std::string> object;  ///< or why it gave none
  std::string printed = {};                          ///< on its console, in lines
};

/// A device's message after the steps that all share: frame parsed, device known, Payload opened.
struct OpenedMessage {
  const protocol::Frame& frame;
  const nlohmann::json& payload;
  std::string_view payload_text = {};  ///< as it came, or as it was encrypted
  const protocol::TopicMatch& topic;
  const Product& product;
  const Device& device;
  const State& state;
  /// What the product's script made of a HEX message; null where none ran.
  const ScriptResult* script = nullptr;
  /// The MQTT session it came in, "<epoch>/<number>"; empty where the broker did not stamp it.
  std::string_view session = {};
  bool redelivered = false;  ///< the broker delivers it again: it may be old
  std::int64_t received_at_ms = 0;
  std::int64_t now_ms = 0;
  std::string_view zone;  ///< TIME-1
};

/// What an accepted message brings about besides being stored and acked with 200.
struct Accepted {
  std::optional<nlohmann::json> ack_data;
  std::optional<FirmwareRow> firmware;
  std::vector<PropertyRow> properties;
  std::vector<EventRow> events;
  std::optional<ConfigRow> config;
  std::optional<UpgradeChange> upgrade;
  std::vector<NewCommand> commands;
  /// Ids of open commands to be sent once more, in the same session too.
  std::vector<std::int64_t> commands_again;
  std::string note;  ///< MessageRow::note
  bool warning = false;
};

using FlowResult = tl::expected<Accepted, protocol::FrameRefusal>;

}  // namespace xgate::store
