// SPDX-License-Identifier: Apache-2.0
#include "service/flows/command_frame.hpp"

#include <string_view>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/key_rotation.hpp"
#include "protocol/payload.hpp"

namespace xgate::flows {
namespace {

using protocol::KeyReading;

/// The key's own, as the device was seen to use it; else the product's, else that of another key of
/// the device, else the one that is tried first.
KeyReading reading_of(const store::SessionKeyRow& key,
                      std::span<const store::SessionKeyRow> newest_first,
                      const store::Sealing& sealing) {
  if (key.key.reading) return *key.key.reading;
  if (sealing.product_reading) return *sealing.product_reading;
  for (const auto& other : newest_first) {
    if (other.key.reading) return *other.key.reading;
  }
  return protocol::all_key_readings().front();
}

std::optional<protocol::AesKey> session_key(std::span<const store::SessionKeyRow> newest_first,
                                            const store::Sealing& sealing, protocol::Aes& aes) {
  const auto* key = sealing_key(newest_first, sealing.online_since_ms);
  const auto product_key = protocol::aes_key_from_hex(sealing.product_key);
  const auto device_secret = protocol::aes_key_from_hex(sealing.device_secret);
  if (key == nullptr || !product_key || !device_secret) return std::nullopt;
  return protocol::derive_session_key(key->key.session_id, key->key.nonce,
                                      reading_of(*key, newest_first, sealing), *product_key,
                                      *device_secret, aes);
}

std::string sealed_frame(const store::DueCommand& command, const protocol::AesKey& key,
                         protocol::Aes& aes) {
  std::string_view text = command.payload;
  if (command.topic == protocol::TopicName::hex_downlink && text.size() >= 2) {
    text = text.substr(1, text.size() - 2);  // ENC-5: the hex text, without its quotation marks
  }
  return protocol::build_frame_of_text(
      command.message_id, command.header_ctrl,
      protocol::compact(nlohmann::json(aes.encrypt_to_hex(key, text))));
}

/// Command 3. A key that is used, or gone, needs none.
std::optional<std::string> key_update_frame(const store::DueCommand& command,
                                            std::span<store::SessionKeyRow> newest_first) {
  for (auto& row : newest_first) {
    if (row.key.id != command.session_key_id || row.used) continue;
    row.told = true;
    return protocol::build_frame_of_text(
        command.message_id, command.header_ctrl,
        protocol::key_update_payload(row.key.session_id, row.key.nonce));
  }
  return std::nullopt;
}

}  // namespace

const store::SessionKeyRow* sealing_key(std::span<const store::SessionKeyRow> newest_first,
                                        std::int64_t online_since_ms) noexcept {
  for (const auto& row : newest_first) {
    const bool asked_before = !row.by_update && row.issued_at_ms <= online_since_ms;
    if (row.used || row.told || asked_before) return &row;
  }
  return nullptr;
}

std::optional<std::string> command_frame(const store::DueCommand& command,
                                         std::span<store::SessionKeyRow> newest_first,
                                         const store::Sealing& sealing, protocol::Aes& aes) {
  if (command.kind == protocol::CommandKind::key_update) {
    return key_update_frame(command, newest_first);
  }
  if (!command.encrypt) {
    return protocol::build_frame_of_text(command.message_id, command.header_ctrl, command.payload);
  }
  const auto key = session_key(newest_first, sealing, aes);
  if (!key) return std::nullopt;
  return sealed_frame(command, *key, aes);
}

std::size_t frame_size(const store::DueCommand& command) {
  if (!command.encrypt) {
    return protocol::build_frame_of_text(command.message_id, command.header_ctrl, command.payload)
        .size();
  }
  protocol::Aes aes;
  return sealed_frame(command, protocol::AesKey{}, aes).size();
}

}  // namespace xgate::flows
