// SPDX-License-Identifier: Apache-2.0
#include "protocol/payload.hpp"

#include <utility>

#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

tl::unexpected<FrameRefusal> refuse(const Frame& frame, std::string_view requirement,
                                    std::string_view reason) {
  return tl::make_unexpected(FrameRefusal{std::string(requirement), std::string(reason),
                                          frame.message_id, frame.header_ctrl});
}

/// How surely a decrypted text shows that the key was right. One wrong key in 256 leaves a padding
/// that looks right, so bytes without a form of their own prove little.
enum class Proof : std::uint8_t { none, padding_only, form };

struct Opened {
  Proof proof = Proof::none;
  json payload;
  std::string text = {};  ///< as it came, where it is JSON
};

Opened read_json_text(std::string&& text) {
  auto value = parse_json(text);
  if (!value) return {};
  return {Proof::form, std::move(*value), std::move(text)};
}

bool is_hex_bytes(std::string_view text) { return text.size() % 2 == 0 && is_hex(text); }

/// ENC-5: the hex text, bare or as the JSON string it is in a plain frame, or the bytes themselves.
Opened read_hex_text(std::string_view text) {
  if (is_hex_bytes(text)) return {Proof::form, std::string(text)};
  if (text.size() > 2 && text.starts_with('"') && text.ends_with('"')) {
    const auto quoted = text.substr(1, text.size() - 2);
    if (is_hex_bytes(quoted)) return {Proof::form, std::string(quoted)};
  }
  if (text.empty()) return {};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return {Proof::padding_only, to_upper_hex({bytes, text.size()})};
}

/// Tries every key and reading that the device may be using.
class Opener {
 public:
  Opener(std::string&& ciphertext, bool is_hex_payload, const PayloadContext& context, Aes& aes)
      : ciphertext_(std::move(ciphertext)),
        is_hex_payload_(is_hex_payload),
        context_(context),
        aes_(aes) {}

  /// The candidate whose form is right; else the only one that at least decrypts. Where two do, no
  /// one can tell which, and a wrong guess would store nonsense and retire a good key (KEY-2).
  std::optional<OpenedPayload> open() {
    for (std::size_t index = 0; index < context_.keys.size(); ++index) {
      for (const auto reading : readings_of(context_.keys[index])) {
        auto opened = try_key(context_.keys[index], reading);
        if (opened.proof == Proof::none) continue;
        if (opened.text.empty()) opened.text = compact(opened.payload);
        OpenedPayload payload{std::move(opened.payload), true, index, reading,
                              std::move(opened.text)};
        if (opened.proof == Proof::form) return payload;
        if (unproven_) ambiguous_ = true;
        unproven_ = std::move(payload);
      }
    }
    if (ambiguous_) return std::nullopt;
    return std::move(unproven_);
  }

 private:
  std::span<const KeyReading> readings_of(const SessionKey& key) const {
    if (context_.product_reading) return {&*context_.product_reading, 1};
    if (key.reading) return {&*key.reading, 1};
    return all_key_readings();
  }

  Opened try_key(const SessionKey& key, KeyReading reading) {
    const auto session_key = derive_session_key(key.session_id, key.nonce, reading,
                                                context_.product_key, context_.device_secret, aes_);
    if (!session_key) return {};
    auto text = aes_.decrypt(*session_key, ciphertext_);
    if (!text) return {};
    return is_hex_payload_ ? read_hex_text(*text) : read_json_text(std::move(*text));
  }

  std::string ciphertext_;
  bool is_hex_payload_;
  const PayloadContext& context_;
  Aes& aes_;
  std::optional<OpenedPayload> unproven_;
  bool ambiguous_ = false;
};

/// A plain Payload; a hex report's is hex text in plain too.
tl::expected<OpenedPayload, FrameRefusal> take_plain(const Frame& frame, TopicName name) {
  if (name == TopicName::hex_report) {
    if (!frame.payload.is_string() || !is_hex_bytes(frame.payload.get_ref<const std::string&>())) {
      return refuse(frame, "TOPIC-14", "Payload is not a string of hex digits, two for each byte");
    }
  }
  return OpenedPayload{frame.payload, false, {}, {}, frame.payload_text};
}

/// Whether plain text is what the device surely meant, where both are allowed.
bool is_surely_plain(const json& payload) {
  if (!payload.is_string()) return true;
  const auto& text = payload.get_ref<const std::string&>();
  return text.size() % 32 != 0 || !is_hex(text);
}

}  // namespace

PayloadRule payload_rule(TopicName name) noexcept {
  switch (name) {
    case TopicName::uplink:
    case TopicName::property_report:
    case TopicName::event_report:
    case TopicName::history_report:
    case TopicName::hex_report:
    case TopicName::config_report:
      return PayloadRule::encrypted;
    case TopicName::firmware_report:
      return PayloadRule::either;
    default:
      return PayloadRule::plain;
  }
}

tl::expected<OpenedPayload, FrameRefusal> open_payload(const Frame& frame, TopicName name,
                                                       const PayloadContext& context, Aes& aes) {
  const auto rule = payload_rule(name);
  if (!context.encrypted_product || rule == PayloadRule::plain) return take_plain(frame, name);

  const bool plain_is_fine = rule == PayloadRule::either || context.accept_plaintext;
  if (plain_is_fine && is_surely_plain(frame.payload)) return take_plain(frame, name);
  if (!frame.payload.is_string()) {
    return refuse(frame, "ENC-4",
                  "the product is encrypted: Payload must be a string, the upper-case hex of the "
                  "encrypted JSON text");
  }
  if (context.keys.empty()) {
    return refuse(frame, "AUTH-3",
                  "the device has no session key yet: an encrypted device asks for authentication "
                  "before it reports");
  }
  if (auto ciphertext = from_hex(frame.payload.get_ref<const std::string&>())) {
    const bool is_hex_payload = name == TopicName::hex_report;
    if (auto opened = Opener(std::move(*ciphertext), is_hex_payload, context, aes).open()) {
      return std::move(*opened);
    }
  }
  // A hex report's plain text may have the length of a ciphertext.
  if (plain_is_fine && name == TopicName::hex_report) return take_plain(frame, name);
  return refuse(frame, "ENC-1",
                "Payload does not open: it must be the hex of AES-128-ECB-PKCS5 of JSON text with "
                "the newest session key; ask for authentication again to get a new one");
}

json seal_payload(const json& payload, const AesKey& session_key, Aes& aes) {
  return aes.encrypt_to_hex(session_key, compact(payload));
}

json seal_hex_payload(std::string_view hex, const AesKey& session_key, Aes& aes) {
  return aes.encrypt_to_hex(session_key, hex);
}

}  // namespace xgate::protocol
