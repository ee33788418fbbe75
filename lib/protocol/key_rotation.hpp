// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "protocol/auth.hpp"

namespace xgate::protocol {

/// KEY-1: Command 3 for T/downlink, in plain.
std::string build_session_key_update(std::int64_t message_id, const SessionKeySeed& seed);

/// FRAME-2: a MessageId of ours, 1..2^31-1, from a CSPRNG.
std::int64_t new_message_id();

}  // namespace xgate::protocol
