// SPDX-License-Identifier: Apache-2.0
#include "plugin/address_list.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace xgate::plugin {
namespace {

constexpr int all_bits = 128;
constexpr int mapped_bits = 96;  // before an IPv4 address

bool is_separator(char c) noexcept { return c == ' ' || c == ',' || c == '\t'; }

}  // namespace

bool AddressList::Network::holds(const Bytes& address) const noexcept {
  const int whole = bits / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, address.begin())) return false;
  if (whole == all_bits / 8) return true;
  const auto at = static_cast<std::size_t>(whole);
  const auto mask = static_cast<unsigned char>(0xFF00U >> static_cast<unsigned>(bits % 8));
  return ((bytes[at] ^ address[at]) & mask) == 0;
}

bool AddressList::read_address(std::string_view text, Bytes& bytes) noexcept {
  std::array<char, 64> name{};  // with its NUL
  if (text.size() >= name.size()) return false;
  std::ranges::copy(text.substr(0, text.find('%')), name.begin());  // "fe80::1%eth0"
  std::array<unsigned char, 4> v4{};
  if (::inet_pton(AF_INET, name.data(), v4.data()) == 1) {
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, v4[0], v4[1], v4[2], v4[3]};
    return true;
  }
  return ::inet_pton(AF_INET6, name.data(), bytes.data()) == 1;
}

bool AddressList::read_network(std::string_view text, Network& network) noexcept {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  if (!read_address(address, network.bytes)) return false;
  network.bits = all_bits;
  if (slash == std::string_view::npos) return true;
  const auto length = text.substr(slash + 1);
  const int before = address.find(':') == std::string_view::npos ? mapped_bits : 0;
  int bits = 0;
  const auto* end = length.data() + length.size();
  const auto [rest, error] = std::from_chars(length.data(), end, bits);
  if (error != std::errc() || rest != end || bits < 0 || bits > all_bits - before) return false;
  network.bits = before + bits;
  return true;
}

tl::expected<AddressList, std::string> AddressList::parse(std::string_view text) {
  AddressList list;
  list.text_ = text;
  for (;;) {
    while (!text.empty() && is_separator(text.front())) text.remove_prefix(1);
    if (text.empty()) break;
    const auto end = std::ranges::find_if(text, is_separator);
    const std::string_view entry(text.begin(), end);
    text.remove_prefix(entry.size());
    const bool taken_out = entry.starts_with('!');
    Network network;
    if (!read_network(entry.substr(taken_out ? 1 : 0), network)) {
      return tl::make_unexpected("'" + std::string(entry) +
                                 "' is no IP address, and no network such as 10.1.0.0/16");
    }
    (taken_out ? list.out_ : list.in_).push_back(network);
  }
  if (list.in_.empty()) return tl::make_unexpected(std::string("it names no address"));
  return list;
}

bool AddressList::contains(std::string_view address) const noexcept {
  Bytes bytes{};
  if (!read_address(address, bytes)) return false;
  const auto holds = [&bytes](const Network& network) { return network.holds(bytes); };
  return std::ranges::any_of(in_, holds) && std::ranges::none_of(out_, holds);
}

}  // namespace xgate::plugin
