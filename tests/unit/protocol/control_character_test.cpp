// SPDX-License-Identifier: Apache-2.0
#include "protocol/control_character.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

TEST(ControlCharacter, is_what_a_terminal_obeys) {
  for (const std::string_view one : {"\n", "\x1b", "\x7f"}) EXPECT_EQ(control_character(one), 1);
  EXPECT_EQ(control_character(std::string_view("\0", 1)), 1);
  for (const auto* two : {"\u0080", "\u009b", "\u009f"}) EXPECT_EQ(control_character(two), 2);
  for (const auto* three : {"\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"}) {
    EXPECT_EQ(control_character(three), 3) << three;
  }
}

TEST(ControlCharacter, is_nothing_that_is_shown) {
  for (const auto* shown : {"", "a", " ", "~", "\u00a0", "é", "设备", "…", "\u2065", "\u206a",
                            "\xc2", "\xe2\x80", "\xff"}) {
    EXPECT_EQ(control_character(shown), 0) << shown;
  }
}

}  // namespace
}  // namespace xgate::protocol
