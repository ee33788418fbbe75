// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/aes.hpp"
#include "protocol/frame.hpp"
#include "protocol/session_key.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {

/// ENC-3: whether an encrypted product's device must encrypt the Payload on this topic.
enum class PayloadRule : std::uint8_t { plain, encrypted, either };
PayloadRule payload_rule(TopicName name) noexcept;

/// One session key that the device may be using, newest first (KEY-2).
struct SessionKey {
  std::int64_t id = 0;  ///< the store's; opaque here
  std::string session_id;
  int nonce = 0;
  std::optional<KeyReading> reading;  ///< what the device was seen to use with this key
};

struct PayloadContext {
  bool encrypted_product = false;
  bool accept_plaintext = false;              ///< product setting (ENC-4)
  std::optional<KeyReading> product_reading;  ///< product setting; unset = auto
  AesKey product_key{};
  AesKey device_secret{};
  std::span<const SessionKey> keys;  ///< newest first
};

struct OpenedPayload {
  nlohmann::json payload;  ///< plain; hex reports: the hex text as a string (ENC-5)
  bool was_encrypted = false;
  std::optional<std::size_t> key_index;  ///< into PayloadContext::keys: the key that fitted
  std::optional<KeyReading> reading;
  std::string text = {};  ///< the payload's JSON text, as it came or was encrypted
};

/// Opens a frame's Payload as ENC-1…5 and KEY-2 want it. Answers about ciphertext are all alike
/// (odd hex, wrong length, bad padding, wrong key: one sentence), so that they teach nothing.
tl::expected<OpenedPayload, FrameRefusal> open_payload(const Frame& frame, TopicName name,
                                                       const PayloadContext& context, Aes& aes);

/// ENC-1: the Payload on the wire, a JSON string of upper-case hex.
nlohmann::json seal_payload(const nlohmann::json& payload, const AesKey& session_key, Aes& aes);
/// ENC-5: a HEX payload's, whose hex text itself is encrypted, without quotation marks.
nlohmann::json seal_hex_payload(std::string_view hex, const AesKey& session_key, Aes& aes);

}  // namespace xgate::protocol
