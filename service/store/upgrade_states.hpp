// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "pg/array.hpp"
#include "protocol/ota.hpp"

// States of upgrades as parameters: the table in lib/protocol says which, statements obey.
namespace xgate::store {

inline std::string state_param(protocol::UpgradeState state) {
  return std::string(protocol::to_string(state));
}
inline std::string state_array(std::span<const protocol::UpgradeState> states) {
  pg::ArrayBuilder array;
  for (const auto state : states) {
    array.add(protocol::to_string(state));
  }
  return array.take();
}

}  // namespace xgate::store
