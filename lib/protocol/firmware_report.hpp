// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/frame.hpp"

namespace xgate::protocol {

/// FW-1.
struct FirmwareReport {
  std::string hard_ver;
  std::string soft_ver;
  int type = 2;  ///< 2 = HTTP, the only one (§5)
  /// A missing Module means the whole device; so does "" or null, which firmware sends for it.
  std::string module = "default";
};
tl::expected<FirmwareReport, FrameRefusal> parse_firmware_report(const Frame& frame,
                                                                 const nlohmann::json& payload);

}  // namespace xgate::protocol
