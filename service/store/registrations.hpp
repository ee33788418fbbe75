// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

/// How many more devices of a product may register themselves (AUTH-7), before this batch did.
struct RegistrationRoom {
  std::optional<std::int64_t> quota;            ///< unset: no limit
  std::optional<std::int64_t> rate_per_minute;  ///< likewise
  std::int64_t devices = 0;                     ///< that have registered themselves
  std::int64_t by_rate = 0;                     ///< as many as may within this moment

  std::int64_t by_quota() const noexcept {
    return quota ? std::max<std::int64_t>(*quota - devices, 0)
                 : std::numeric_limits<std::int64_t>::max();
  }
  std::int64_t room() const noexcept {
    return rate_per_minute ? std::min(by_quota(), by_rate) : by_quota();
  }
};
/// By product; one that was deleted meanwhile is not there.
using RegistrationRooms = std::map<std::string, RegistrationRoom, std::less<>>;

/// AUTH-7: stores those devices that do not exist yet, as many as their products have room for,
/// with the secrets given; then reads every one of them as it now stands: where another registered
/// it first, with the other's secret. In a transaction, which others that register devices of these
/// products wait for.
pg::Result<RegistrationRooms> register_devices(pg::Connection& connection, State& state,
                                               std::span<const Device> devices);

}  // namespace xgate::store
