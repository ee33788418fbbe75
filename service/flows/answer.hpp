// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "service/store/effects.hpp"

namespace xgate::flows {

/// A message that answers a command of ours, and what there is to note of it.
struct Answer {
  store::CommandAnswer command;
  std::string note;
  bool warning = false;  ///< too late, or not what the model says
};
/// Asked of every message that its flow accepted, on whatever topic: by its MessageId and the
/// flow's own topic it may settle one of State::commands. A late or a second answer is one too; it
/// changes nothing, which is what its note says. What a report is stored as is what it answers.
std::optional<Answer> answer(const store::OpenedMessage& message, const store::Accepted& accepted);

/// The answer's effect on State::commands, for the messages of the batch that follow.
void apply(const store::CommandAnswer& answer, std::int64_t device_id, store::State& state);

}  // namespace xgate::flows
