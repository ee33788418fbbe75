// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/reports.hpp"

#include <utility>

#include "protocol/json.hpp"
#include "protocol/session_key.hpp"

namespace xgate::benchmarks {
namespace {

using protocol::TopicName;

constexpr std::string_view plain_body =
    R"({"data":{"temperature":21.5,"humidity":48,"pressure":1013,"door":"closed","n":{n}}})";
constexpr std::string_view model_body = R"({"temp":21,"humi":48.5,"power":1})";
constexpr std::string_view hex_body = R"("00F0FF013FA00000")";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string body_for(Payload kind) {
  switch (kind) {
    case Payload::model:
      return std::string(model_body);
    case Payload::hex:
      return std::string(hex_body);
    default:
      return std::string(plain_body);
  }
}

TopicName topic_for(Payload kind) {
  switch (kind) {
    case Payload::model:
      return TopicName::property_report;
    case Payload::hex:
      return TopicName::hex_report;
    default:
      return TopicName::uplink;
  }
}

}  // namespace

Reports::Reports(Payload kind, std::string body, std::string topic)
    : kind_(kind),
      name_(topic_for(kind)),
      header_ctrl_(protocol::row_of(name_).header_ctrls.front()),
      body_(body.empty() ? body_for(kind) : std::move(body)),
      topic_(std::move(topic)) {}

std::string Reports::topic(const protocol::IdentityView& device) const {
  if (topic_.empty()) return protocol::build_topic(name_, device);
  std::string text = topic_;
  replace_all(text, "{O}", device.open_id);
  replace_all(text, "{P}", device.product_id);
  replace_all(text, "{N}", device.node_eui);
  return text;
}

std::string Reports::ack_topic(const protocol::IdentityView& device) const {
  return protocol::build_topic(*protocol::row_of(name_).ack, device);
}

std::optional<protocol::AesKey> Reports::key(const Device& device, protocol::Aes& aes) const {
  if (kind_ != Payload::encrypted) return protocol::AesKey{};
  const auto product_key = protocol::aes_key_from_hex(device.product_key);
  const auto secret = protocol::aes_key_from_hex(device.device_secret);
  if (device.session_id.empty() || !product_key || !secret) return std::nullopt;
  return protocol::derive_session_key(device.session_id, device.nonce,
                                      protocol::KeyReading::text_product_key, *product_key, *secret,
                                      aes);
}

std::string Reports::frame(std::uint32_t message_id, const protocol::AesKey& key,
                           protocol::Aes& aes) const {
  const std::string number = std::to_string(message_id);
  std::string body = body_;
  replace_all(body, "{n}", number);
  if (kind_ == Payload::encrypted) body = '"' + aes.encrypt_to_hex(key, body) + '"';
  return R"({"MessageId":)" + number + R"(,"HeaderCtrl":)" + std::to_string(header_ctrl_) +
         R"(,"Payload":)" + body + R"(,"Version":"2.0"})";
}

Answer read_answer(std::string_view payload) {
  Answer answer;
  const auto id = protocol::find_scalar(payload, "MessageId");
  const auto number = protocol::whole_number_in(id);
  if (number && std::in_range<std::uint32_t>(*number)) {
    answer.message_id = static_cast<std::uint32_t>(*number);
  }
  answer.good = payload.find(R"("Code":"200")") != std::string_view::npos;
  return answer;
}

}  // namespace xgate::benchmarks
