// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace xgate::plugin {

/// IP addresses and networks, as an operator writes them: "127.0.0.1 ::1 10.1.2.3 !10.1.2.1".
/// What '!' stands before is taken out, wherever it stands in the list. An IPv4 address is the same
/// however it is written ("::ffff:192.0.2.1" is 192.0.2.1).
class AddressList {
 public:
  /// The entries are separated by blanks or commas. An error is half a sentence that names the
  /// entry; a list that lets in nobody is one, too.
  static tl::expected<AddressList, std::string> parse(std::string_view text);

  /// Not all of 127.0.0.0/8: a proxy on this machine takes another address of it
  /// (deploy/haproxy.cfg).
  static AddressList loopback() { return parse("127.0.0.1 ::1").value(); }

  /// What is no IP address is in no list.
  bool contains(std::string_view address) const noexcept;
  const std::string& text() const noexcept { return text_; }

 private:
  using Bytes = std::array<unsigned char, 16>;  // of IPv4 mapped into IPv6
  struct Network {
    Bytes bytes{};
    int bits = 0;
    bool holds(const Bytes& address) const noexcept;
  };
  static bool read_address(std::string_view text, Bytes& bytes) noexcept;
  static bool read_network(std::string_view text, Network& network) noexcept;

  std::vector<Network> in_;
  std::vector<Network> out_;
  std::string text_;
};

}  // namespace xgate::plugin
