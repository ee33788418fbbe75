// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/frame.hpp"
#include "service/store/rows.hpp"

// What the flows of device messages take and give: nothing here does anything.
namespace xgate::store {

/// A device's message after the steps that all share: frame parsed, device known, Payload opened.
struct OpenedMessage {
  const protocol::Frame& frame;
  const nlohmann::json& payload;
  std::int64_t device_id = 0;
  std::int64_t received_at_ms = 0;
  std::int64_t now_ms = 0;
  std::string_view zone;  ///< TIME-1
};

/// What an accepted message brings about besides being stored and acked with 200.
struct Accepted {
  std::optional<nlohmann::json> ack_data;
  std::optional<FirmwareRow> firmware;
};

using FlowResult = tl::expected<Accepted, protocol::FrameRefusal>;

}  // namespace xgate::store
