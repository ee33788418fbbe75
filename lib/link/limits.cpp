// SPDX-License-Identifier: Apache-2.0
#include "link/limits.hpp"

#include <charconv>

namespace xgate::link {
namespace {

constexpr std::array<std::string_view, limit_count> requirements{
    "LIMIT-1", "LIMIT-2", "LIMIT-3", "LIMIT-4", "LIMIT-5", "LIMIT-6", "LIMIT-7"};
constexpr std::string_view of_product_mark = ":product";

}  // namespace

std::string_view requirement(Limit limit) noexcept {
  return requirements[static_cast<std::size_t>(limit)];
}

std::string reason(const Exceeded& exceeded) {
  const auto most = std::to_string(exceeded.most);
  switch (exceeded.limit) {
    case Limit::messages:
      return "the device sends more than " + most + " messages a second";
    case Limit::bytes:
      return "the device sends more than " + most + " bytes a second";
    case Limit::logins:
      return "this identity logs in more than " + most + " times a minute";
    case Limit::auth_requests:
      return exceeded.of_product
                 ? "the devices of this product together ask for authentication "
                   "more than " +
                       most + " times a second"
                 : "this login asks for authentication more than " + most + " times a minute";
    case Limit::filters:
      return "the session has " + most + " filters, and may have no more";
    case Limit::qos_2:
      return "a device of MQTT 5 publishes at QoS 0 or 1: the protocol knows no QoS 2";
    case Limit::queue:
      return "what waits in the broker for the service fills " + most +
             " percent of its queue: devices that send most are refused first";
  }
  return {};
}

std::string stamp_text(std::string_view epoch, const Exceeded& exceeded) {
  std::string text(epoch);
  text += '/' + std::to_string(static_cast<int>(exceeded.limit) + 1);
  text += ':' + std::to_string(exceeded.most);
  if (exceeded.of_product) text += of_product_mark;
  return text;
}

std::optional<Exceeded> parse_stamp(std::string_view text, std::string_view epoch) noexcept {
  if (epoch.empty() || !text.starts_with(epoch) || text.size() == epoch.size() ||
      text[epoch.size()] != '/') {
    return std::nullopt;
  }
  text.remove_prefix(epoch.size() + 1);
  Exceeded exceeded;
  std::size_t number = 0;
  const auto* end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || number < 1 || number > limit_count || read.ptr == end ||
      *read.ptr != ':') {
    return std::nullopt;
  }
  exceeded.limit = static_cast<Limit>(number - 1);
  read = std::from_chars(read.ptr + 1, end, exceeded.most);
  if (read.ec != std::errc()) return std::nullopt;
  const std::string_view rest(read.ptr, static_cast<std::size_t>(end - read.ptr));
  exceeded.of_product = rest == of_product_mark;
  if (!rest.empty() && !exceeded.of_product) return std::nullopt;
  return exceeded;
}

}  // namespace xgate::link
