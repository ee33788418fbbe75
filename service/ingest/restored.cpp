// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/restored.hpp"

#include "link/events.hpp"
#include "link/topics.hpp"

namespace xgate::ingest {

void Restored::connected(bool session_present, std::string_view epoch) {
  present_ = epoch;
  open_ = session_present && !present_.empty() && present_ != seen_;
  if (!open_ && !present_.empty()) seen_ = present_;
}

bool Restored::holds(const mqtt::Publish& message) {
  if (!open_) return false;
  if (message.topic != link::events_topic) return true;
  const auto events = link::decode_events(message.payload);
  if (events && events->epoch == present_) over();
  return open_;
}

void Restored::over() {
  if (!present_.empty()) seen_ = present_;
  open_ = false;
}

}  // namespace xgate::ingest
