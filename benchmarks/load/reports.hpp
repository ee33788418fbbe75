// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "benchmarks/load/devices.hpp"
#include "benchmarks/load/options.hpp"
#include "protocol/aes.hpp"
#include "protocol/topic.hpp"

namespace xgate::benchmarks {

/// What devices of a run say: which topic, which frame, which Payload.
class Reports {
 public:
  /// `body` empty: one that fits `kind` (see README.md for the thing model and the script it is
  /// for).
  Reports(Payload kind, std::string body, std::string topic);

  std::string topic(const protocol::IdentityView& device) const;
  std::string ack_topic(const protocol::IdentityView& device) const;
  /// The session key that encrypts a device's Payload; nothing where it has none.
  std::optional<protocol::AesKey> key(const Device& device, protocol::Aes& aes) const;
  /// A frame with that MessageId; the Payload is encrypted where `kind` says so.
  std::string frame(std::uint32_t message_id, const protocol::AesKey& key,
                    protocol::Aes& aes) const;

 private:
  Payload kind_;
  protocol::TopicName name_;
  int header_ctrl_;
  std::string body_;
  std::string topic_;
};

/// What the platform answered to a report, as a glance at its ack tells. `message_id` 0: none of
/// ours.
struct Answer {
  std::uint32_t message_id = 0;
  bool good = false;  ///< Code "200"
};
Answer read_answer(std::string_view payload);

}  // namespace xgate::benchmarks
