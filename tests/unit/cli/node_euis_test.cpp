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

TEST(NodeEuisTest, count_in_decimal_also_where_they_look_like_hex) {
  EXPECT_EQ(node_euis("00A1B209", 2), (std::vector<std::string>{"00A1B209", "00A1B210"}));
  EXPECT_EQ(node_euis("70B3D57ED0050999", 2)->back(), "70B3D57ED0051000");
  EXPECT_FALSE(node_euis("00A1B2FF", 2))
      << "a guess at what comes next would be burnt into devices";
  EXPECT_EQ(node_euis(std::string(31, '7') + "8", 2)->back(), std::string(31, '7') + "9");
}

TEST(NodeEuisTest, numbers_that_run_out_give_no_names_at_all) {
  EXPECT_EQ(node_euis("SIM98", 2)->back(), "SIM99");
  EXPECT_FALSE(node_euis("SIM98", 3));
  EXPECT_FALSE(node_euis(std::string(32, '9'), 2));
}

}  // namespace
}  // namespace xgate::cli
