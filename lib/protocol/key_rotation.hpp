// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xgate::protocol {

/// KEY-1: the Payload of Command 3.
std::string key_update_payload(std::string_view session_id, int nonce);

/// FRAME-2: a MessageId of ours, 1..2^31-1, from a CSPRNG.
std::int64_t new_message_id();

}  // namespace xgate::protocol
