// SPDX-License-Identifier: Apache-2.0
#include "cli/node_euis.hpp"

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

TEST(NodeEuisTest, names_count_on_from_the_first) {
  EXPECT_EQ(node_euis("SIM098", 3), (std::vector<std::string>{"SIM098", "SIM099", "SIM100"}));
  EXPECT_EQ(node_euis("meter", 1), (std::vector<std::string>{"meter"}));
  EXPECT_FALSE(node_euis("meter", 2));
  EXPECT_FALSE(node_euis("SIM98", 3));
  EXPECT_FALSE(node_euis("a_b", 1));
}

}  // namespace
}  // namespace xgate::cli
