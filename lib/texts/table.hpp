// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "texts/texts.hpp"

// The parts of the table, each in a file of table/.
namespace xgate::texts {

std::span<const Text> login_texts() noexcept;  ///< who was not let in, and why
std::span<const Text> topic_texts() noexcept;  ///< publishes and subscriptions that were refused
std::span<const Text>
message_texts() noexcept;  ///< what is wrong with a message, and what explains it
std::span<const Text> explanation_texts() noexcept;  ///< the usual mistakes (TRACE-1)
std::span<const Text> model_texts() noexcept;    ///< thing models, and reports that do not fit them
std::span<const Text> script_texts() noexcept;   ///< parsing scripts
std::span<const Text> command_texts() noexcept;  ///< commands, keys and upgrades
std::span<const Text> api_texts() noexcept;      ///< the HTTP API's problems
std::span<const Text> reason_texts() noexcept;   ///< what MQTT's reason codes mean
std::span<const Text> program_texts() noexcept;  ///< the program xgate itself
std::span<const Text> simulate_texts() noexcept;  ///< xgate simulate

}  // namespace xgate::texts
