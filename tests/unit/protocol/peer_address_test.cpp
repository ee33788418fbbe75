// SPDX-License-Identifier: Apache-2.0
#include "protocol/peer_address.hpp"

#include <string>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

TEST(Peer, an_ipv4_address_is_one_however_it_is_written) {
  EXPECT_EQ(Peer::of("192.0.2.1"), Peer::of("::ffff:192.0.2.1"));
  EXPECT_EQ(Peer::of("192.0.2.1"), Peer::of("::ffff:c000:201"));
  EXPECT_FALSE(Peer::of("192.0.2.1") == Peer::of("192.0.2.2"));
}

TEST(Peer, an_ipv6_network_is_one) {
  EXPECT_EQ(Peer::of("2001:db8:1:2::1"), Peer::of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_EQ(Peer::of("fe80::1%eth0"), Peer::of("fe80::2"));
  EXPECT_FALSE(Peer::of("2001:db8:1:2::1") == Peer::of("2001:db8:1:3::1"));
  EXPECT_FALSE(Peer::of("::1") == Peer::of("127.0.0.1"));
}

TEST(Peer, what_is_no_address_is_itself) {
  EXPECT_EQ(Peer::of("/run/mosquitto.sock"), Peer::of("/run/mosquitto.sock"));
  EXPECT_FALSE(Peer::of("/run/a") == Peer::of("/run/b"));
  EXPECT_EQ(Peer::of("").bytes(), "");
  EXPECT_EQ(Peer::of(std::string(1000, 'x')).bytes(), std::string(46, 'x'));
}

}  // namespace
}  // namespace xgate::protocol
