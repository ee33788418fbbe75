// SPDX-License-Identifier: Apache-2.0
#include "service/config/authority.hpp"

#include <gtest/gtest.h>

namespace xgate::config {
namespace {

TEST(Authority, is_a_name_or_an_address_with_or_without_a_port) {
  EXPECT_EQ(parse_authority("XGate.Example.com."), (Authority{"xgate.example.com", false, 0}));
  EXPECT_EQ(parse_authority("127.0.0.1:8080"), (Authority{"127.0.0.1", true, 8080}));
  EXPECT_EQ(parse_authority("[::1]:8080"), (Authority{"::1", true, 8080}));
  EXPECT_EQ(parse_authority("[fe80::1%25eth0]"), (Authority{"fe80::1", true, 0}));
  EXPECT_EQ(parse_authority("my_service:"), (Authority{"my_service", false, 0}));
  for (const char* text : {"", ":80", ".", "a b", "a/b", "user@a", "a:b", "a:-1", "a:65536",
                           "a:1:2", "[::1", "[::1]x", "[1.2.3.4]", "::1", "\xC3\xA4", "a:+1"}) {
    EXPECT_EQ(parse_authority(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_authority(std::string(254, 'a')), std::nullopt);
}

TEST(Authority, of_a_url_stands_before_its_path) {
  EXPECT_EQ(authority_of_url("http://a:1/b"), "a:1");
  EXPECT_EQ(authority_of_url("https://a?b"), "a");
  EXPECT_EQ(authority_of_url("/x?y=http://a/"), std::nullopt);
  EXPECT_EQ(authority_of_url("*"), std::nullopt);
}

}  // namespace
}  // namespace xgate::config
