// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "protocol/aes.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/received.hpp"
#include "service/store/effects.hpp"
#include "service/store/rows.hpp"
#include "service/store/thing_values.hpp"

namespace xgate::ingest {

/// A Payload for which the operator is to be told what it is (TRACE-1).
struct PayloadQuestion {
  std::int64_t device_id = 0;
  store::DeviceName device;
  protocol::TopicName topic = protocol::TopicName::uplink;
  nlohmann::json payload;
  bool accepted = false;  ///< taken as plain, though it looks encrypted
  bool granted = false;   ///< it is not one too many
};

/// What one message of a device brings about.
struct Decided {
  store::MessageRow row;               ///< always stored, valid or not
  std::optional<mqtt::Publish> reply;  ///< sent after the commit (FRAME-6)
  store::Accepted effects;             ///< empty where it was refused
  std::optional<store::CommandAnswer> answer;
  std::optional<store::KeyUse> key_use;
  std::optional<store::ReadingsRow> readings;
  std::optional<PayloadQuestion> question;
  bool violation = false;
};

/// How many identifiers a device may make up where no model says which there are (PROP-1). Only of
/// devices that have come up to it is it known which those are.
struct IdentifierBound {
  std::int64_t most = 0;
  std::map<std::int64_t, store::Identifiers> reported;
};

/// FRAME-1…6, ENC-1…5 and the flow of the topic: pure, from message, state and time. What a key's
/// first use changes is changed in `state` too, and what a report adds to its device's identifiers
/// in `bound`, for the messages of the batch that follow.
Decided decide_device_message(const Received& received, const protocol::TopicMatch& topic,
                              store::State& state, std::int64_t now_ms, std::string_view zone,
                              protocol::Aes& aes, IdentifierBound* bound = nullptr);

}  // namespace xgate::ingest
