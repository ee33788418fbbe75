// SPDX-License-Identifier: Apache-2.0
#include "plugin/address_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::plugin {
namespace {

using testing::HasSubstr;

AddressList list(std::string_view text) { return AddressList::parse(text).value(); }

TEST(AddressList, holds_addresses_and_networks) {
  const auto some = list("127.0.0.0/8, ::1 10.1.2.3,\t2001:db8::/33");
  for (const auto* in : {"127.0.0.1", "127.255.255.255", "::1", "10.1.2.3", "::ffff:10.1.2.3",
                         "2001:db8:7fff::1", "2001:db8::1%eth0"}) {
    EXPECT_TRUE(some.contains(in)) << in;
  }
  for (const auto* out : {"128.0.0.1", "126.255.255.255", "::2", "10.1.2.4", "10.1.2.2",
                          "2001:db8:8000::1", "", "localhost", "/run/mosquitto.sock"}) {
    EXPECT_FALSE(some.contains(out)) << out;
  }
}

TEST(AddressList, a_network_ends_at_any_bit) {
  const auto some = list("10.0.0.128/25");
  EXPECT_TRUE(some.contains("10.0.0.255"));
  EXPECT_FALSE(some.contains("10.0.0.127"));
  EXPECT_TRUE(list("0.0.0.0/0").contains("203.0.113.9"));
  EXPECT_FALSE(list("0.0.0.0/0").contains("2001:db8::1"));
  EXPECT_TRUE(list("::/0").contains("2001:db8::1"));
}

TEST(AddressList, what_is_taken_out_is_out_wherever_it_stands) {
  for (const auto* text : {"172.18.0.0/16 !172.18.0.1", "!172.18.0.1 172.18.0.0/16"}) {
    EXPECT_TRUE(list(text).contains("172.18.0.3")) << text;
    EXPECT_FALSE(list(text).contains("172.18.0.1")) << text;
  }
}

TEST(AddressList, an_error_names_the_entry) {
  for (const auto* bad : {"localhost", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/a",
                          "10.0.0.0/-1", "!", "10.0.0.1;10.0.0.2"}) {
    const auto parsed = AddressList::parse("127.0.0.1 " + std::string(bad));
    ASSERT_FALSE(parsed) << bad;
    EXPECT_THAT(parsed.error(), HasSubstr("'" + std::string(bad) + "'"));
  }
  for (const auto* none : {"", " , ", "!10.0.0.1"}) {
    ASSERT_FALSE(AddressList::parse(none)) << none;
    EXPECT_THAT(AddressList::parse(none).error(), HasSubstr("names no address"));
  }
}

}  // namespace
}  // namespace xgate::plugin
