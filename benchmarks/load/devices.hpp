// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "protocol/identity.hpp"

namespace xgate::benchmarks {

/// One simulated device with all that it must know. `session_id` is empty where it has no session
/// key.
struct Device {
  protocol::Identity id;
  std::string product_key;
  std::string device_secret;
  std::string session_id;
  int nonce = 0;
};

/// A rule that names any number of devices and their secrets, so that a million need no file:
/// NodeEui = node_prefix and a number of `digits` digits; with h = SHA-256 of "seed.P.N",
/// DeviceSecret is the upper-case hex of h[0..15], SessionID that of h[16..19], and the nonce's two
/// hex digits are 1 + h[20] mod 7 and h[21] mod 10. SQL can say the same.
struct DeviceRule {
  std::string open_id;
  std::string product_id;
  std::string product_key;
  std::string node_prefix = "dev";
  int digits = 7;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string seed;

  Device device(std::uint64_t index) const;
};

/// A rule as JSON, with the members of DeviceRule.
tl::expected<DeviceRule, std::string> parse_rule(std::string_view json);
/// Lines of OpenID,ProductID,NodeEui,ProductKey,DeviceSecret[,SessionID,Nonce]; a first line that
/// says so, empty lines and lines from "#" are left out. Errors name the line, and no secret.
tl::expected<std::vector<Device>, std::string> parse_devices(std::string_view csv);

/// The devices of a run, by number.
class DeviceList {
 public:
  explicit DeviceList(std::vector<Device> devices) : listed_(std::move(devices)) {}
  explicit DeviceList(DeviceRule rule) : rule_(std::move(rule)) {}
  std::size_t size() const noexcept { return listed_.empty() ? rule_.count : listed_.size(); }
  Device at(std::size_t index) const {
    return listed_.empty() ? rule_.device(index) : listed_[index];
  }

 private:
  std::vector<Device> listed_;
  DeviceRule rule_;
};

}  // namespace xgate::benchmarks
