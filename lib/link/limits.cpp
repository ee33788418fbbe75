// SPDX-License-Identifier: Apache-2.0
#include "link/limits.hpp"

#include <charconv>
#include <limits>

namespace xgate::link {
namespace {

constexpr std::array<std::string_view, limit_count> requirements{
    "LIMIT-1", "LIMIT-2", "LIMIT-3", "LIMIT-4", "LIMIT-5", "LIMIT-6", "LIMIT-7"};
constexpr std::string_view of_product_mark = ":product";

/// "EPOCH/FIRST:SECOND" and what follows.
struct Numbers {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::string_view rest;
};

std::optional<Numbers> parse_numbers(std::string_view text, std::string_view epoch) noexcept {
  if (epoch.empty() || !text.starts_with(epoch) || text.size() == epoch.size() ||
      text[epoch.size()] != '/') {
    return std::nullopt;
  }
  text.remove_prefix(epoch.size() + 1);
  const auto* end = text.data() + text.size();
  Numbers numbers;
  auto read = std::from_chars(text.data(), end, numbers.first);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ':') return std::nullopt;
  read = std::from_chars(read.ptr + 1, end, numbers.second);
  if (read.ec != std::errc()) return std::nullopt;
  numbers.rest = {read.ptr, static_cast<std::size_t>(end - read.ptr)};
  return numbers;
}

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
      return exceeded.of_product ? "devices of this product log in for authentication more than " +
                                       most + " times a second"
                                 : "this identity logs in more than " + most + " times a minute";
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
  const auto numbers = parse_numbers(text, epoch);
  if (!numbers || numbers->first < 1 || numbers->first > limit_count ||
      numbers->second > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  Exceeded exceeded;
  exceeded.limit = static_cast<Limit>(numbers->first - 1);
  exceeded.most = static_cast<std::int64_t>(numbers->second);
  exceeded.of_product = numbers->rest == of_product_mark;
  if (!numbers->rest.empty() && !exceeded.of_product) return std::nullopt;
  return exceeded;
}

std::string sums_text(std::string_view epoch, const QueueSums& sums) {
  return std::string(epoch) + '/' + std::to_string(sums.messages) + ':' +
         std::to_string(sums.bytes);
}

std::optional<QueueSums> parse_sums(std::string_view text, std::string_view epoch) noexcept {
  const auto numbers = parse_numbers(text, epoch);
  if (!numbers || !numbers->rest.empty()) return std::nullopt;
  return QueueSums{numbers->first, numbers->second};
}

}  // namespace xgate::link
