// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/devices.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>
#include <openssl/sha.h>

#include "protocol/aes.hpp"
#include "protocol/json.hpp"

namespace xgate::benchmarks {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

const char* fault_of(const Device& device) {
  if (!protocol::is_open_id(device.id.open_id)) return "the OpenID is not 8 hex digits";
  if (!protocol::is_product_id(device.id.product_id)) return "the ProductID is not 8 hex digits";
  if (!protocol::is_node_eui(device.id.node_eui))
    return "the NodeEui is not 4 to 32 letters and digits";
  if (!protocol::is_product_key(device.product_key)) return "the ProductKey is not 32 hex digits";
  if (!protocol::is_device_secret(device.device_secret))
    return "the DeviceSecret is not 32 hex digits";
  return nullptr;
}

tl::expected<Device, std::string> parse_line(std::string_view line) {
  const auto fields = split(line, ',');
  if (fields.size() != 5 && fields.size() != 7)
    return tl::unexpected(std::string("it has not 5 or 7 fields"));
  Device device{.id = {std::string(fields[0]), std::string(fields[1]), std::string(fields[2])},
                .product_key = std::string(fields[3]),
                .device_secret = std::string(fields[4]),
                .session_id = {},
                .nonce = 0};
  if (fields.size() == 7) {
    device.session_id = fields[5];
    const auto nonce = number_of<int>(fields[6]);
    if (!nonce) return tl::unexpected(std::string("its Nonce is no whole number"));
    device.nonce = *nonce;
  }
  if (const char* fault = fault_of(device)) return tl::unexpected(std::string(fault));
  return device;
}

}  // namespace

Device DeviceRule::device(std::uint64_t index) const {
  std::string number = std::to_string(first + index);
  if (number.size() < static_cast<std::size_t>(digits))
    number.insert(0, static_cast<std::size_t>(digits) - number.size(), '0');
  Device device;
  device.id = {open_id, product_id, node_prefix + number};
  device.product_key = product_key;
  const std::string text = seed + '.' + product_id + '.' + device.id.node_eui;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> hash{};
  // its input is a text of ours: bytes and characters are the same here
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  device.device_secret = protocol::to_upper_hex(std::span(hash).first<16>());
  device.session_id = protocol::to_upper_hex(std::span(hash).subspan<16, 4>());
  device.nonce = (1 + hash[20] % 7) * 16 + hash[21] % 10;
  return device;
}

tl::expected<DeviceRule, std::string> parse_rule(std::string_view json) {
  const auto parsed = protocol::parse_json(json);
  if (!parsed) return tl::unexpected("the rule is no JSON: " + parsed.error());
  if (!parsed->is_object()) return tl::unexpected(std::string("the rule is no JSON object"));
  DeviceRule rule;
  const auto text = [&](const char* name, std::string& into) {
    if (const auto found = parsed->find(name); found != parsed->end() && found->is_string())
      into = found->get<std::string>();
  };
  const auto number = [&](const char* name, auto& into) {
    if (const auto found = parsed->find(name);
        found != parsed->end() && found->is_number_unsigned())
      into = found->get<std::remove_reference_t<decltype(into)>>();
  };
  text("open_id", rule.open_id);
  text("product_id", rule.product_id);
  text("product_key", rule.product_key);
  text("node_prefix", rule.node_prefix);
  text("seed", rule.seed);
  number("digits", rule.digits);
  number("first", rule.first);
  number("count", rule.count);
  if (rule.seed.empty()) return tl::unexpected(std::string("the rule names no \"seed\""));
  if (rule.count == 0) return tl::unexpected(std::string("the rule names no \"count\" of devices"));
  if (rule.digits < 0 || rule.digits > 20)
    return tl::unexpected(std::string("the rule's \"digits\" are not 0 to 20"));
  if (const char* fault = fault_of(rule.device(rule.count - 1)))
    return tl::unexpected(std::string("the rule's devices are not legal: ") + fault);
  return rule;
}

tl::expected<std::vector<Device>, std::string> parse_devices(std::string_view csv) {
  std::vector<Device> devices;
  std::size_t number = 0;
  for (std::string_view line : split(csv, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool heading = number == 1 && line.starts_with("OpenID,");
    if (line.empty() || line.front() == '#' || heading) continue;
    auto device = parse_line(line);
    if (!device) return tl::unexpected("line " + std::to_string(number) + ": " + device.error());
    devices.push_back(std::move(*device));
  }
  if (devices.empty()) return tl::unexpected(std::string("it names no device"));
  return devices;
}

}  // namespace xgate::benchmarks
