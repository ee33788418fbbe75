// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "protocol/aes.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// The key that the device uses, or uses from its next message on: of those that it has used, that
/// it asked for before this session, or that Command 3 told it, the newest. Not a key that somebody
/// with the ProductKey asked for meanwhile.
const store::SessionKeyRow* sealing_key(std::span<const store::SessionKeyRow> newest_first,
                                        std::int64_t online_since_ms) noexcept;

/// The frame as it leaves; nothing where it must be encrypted and there is no key to do it with.
/// The key that a Command 3 tells is noted as told: it encrypts the device's commands from then on.
std::optional<std::string> command_frame(const store::DueCommand& command,
                                         std::span<store::SessionKeyRow> newest_first,
                                         const store::Sealing& sealing, protocol::Aes& aes);

/// The bytes of that frame, whatever the key is.
std::size_t frame_size(const store::DueCommand& command);

}  // namespace xgate::flows
