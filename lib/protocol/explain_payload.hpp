// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "protocol/session_key.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {

/// What a device was told to derive a session key from, and may still use.
struct KnownSeed {
  std::string session_id;
  int nonce = 0;
  std::optional<KeyReading> reading;  ///< that the device was seen to use with it
  std::string ended_at;               ///< when a newer key took its place; empty: it is in force
};

/// A device's Payload that was refused, or taken as plain though it may be ciphertext, and what the
/// platform knows.
struct PayloadCase {
  TopicName topic = TopicName::uplink;
  bool encrypted_product = false;
  std::string_view product_key;    ///< 32 hex digits
  std::string_view device_secret;  ///< likewise
  std::optional<KeyReading> product_reading;
  std::span<const KnownSeed> seeds;  ///< newest first
};

/// TRACE-1: names the usual mistake that made the Payload what it is, for the operator alone: what
/// it says about keys must never reach a device (a padding oracle). One sentence, without a secret
/// and without the text. Slow, up to some 20 ms: only for some of what was refused.
std::string explain_payload(const nlohmann::json& payload, const PayloadCase& known);

/// Whether a Payload has the form of a ciphertext: hex of whole blocks.
bool looks_encrypted(const nlohmann::json& payload);
/// What is wrong with a string that is taken for a Payload: it holds JSON text (encoded twice);
/// empty: nothing.
std::string_view explain_string_payload(const nlohmann::json& payload);

}  // namespace xgate::protocol
