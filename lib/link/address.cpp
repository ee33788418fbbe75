// SPDX-License-Identifier: Apache-2.0
#include "link/address.hpp"

#include <charconv>

#include "link/topics.hpp"

namespace xgate::link {
namespace {

std::string_view take_part(std::string_view& rest) noexcept {
  const auto part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(part.size());
  if (!rest.empty()) rest.remove_prefix(1);
  return part;
}

template <class Number>
bool read_number(std::string_view text, Number& number) noexcept {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

std::string addressed_topic(std::string_view session, std::int64_t command_id,
                            std::string_view topic) {
  std::string text(address_prefix);
  text += session;
  text += '/';
  text += std::to_string(command_id);
  text += topic;
  return text;
}

std::optional<Address> parse_address(std::string_view topic) noexcept {
  if (!topic.starts_with(address_prefix)) return std::nullopt;
  auto rest = topic.substr(address_prefix.size());
  Address address;
  address.epoch = take_part(rest);
  if (!read_number(take_part(rest), address.session)) return std::nullopt;
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || !read_number(rest.substr(0, slash), address.command_id)) {
    return std::nullopt;
  }
  address.topic = rest.substr(slash);
  return address;
}

}  // namespace xgate::link
