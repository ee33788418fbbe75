// SPDX-License-Identifier: Apache-2.0
#include "protocol/base64.hpp"

#include <array>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};
constexpr std::array rfc_4648{Pair{"", ""},
                              Pair{"f", "Zg=="},
                              Pair{"fo", "Zm8="},
                              Pair{"foo", "Zm9v"},
                              Pair{"foob", "Zm9vYg=="},
                              Pair{"fooba", "Zm9vYmE="},
                              Pair{"foobar", "Zm9vYmFy"},
                              Pair{{"\xFB\xFF\0", 3}, "+/8A"}};

TEST(Base64, goes_both_ways_as_rfc_4648_has_it) {
  for (const auto& [bytes, text] : rfc_4648) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes) << text;
  }
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  EXPECT_EQ(from_base64(to_base64(every_byte)), every_byte);
}

TEST(Base64, what_is_not_written_so_is_refused) {
  for (const std::string_view text : {"Z",     "Zg",    "Zg=",     "Zm8",      "Zg===",  "=",
                                      "==",    "====",  "Z===",    "Zg==Zg==", "Z=9v",   "=Zm9",
                                      " Zm9v", "Zm9v ", "Zm9v\n",  "Zm9v\r\n", "Zm\n9v", "Zm 9v",
                                      "-_8A",  "Zm9*",  "Zm9\xFF", "Zh==",     "Zm9="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(from_base64({"Zm9\0", 4}), std::nullopt);
}

}  // namespace
}  // namespace xgate::protocol
