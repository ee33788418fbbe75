// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_names.hpp"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vectors.hpp"

namespace xgate::protocol {
namespace {

using testing::HasSubstr;
using testing::Not;

struct WrongNames {
  std::string client_id;
  std::string username;
  std::string named;  ///< empty: nothing is to be said
};

constexpr std::array known{NamedProduct{"AA30C505", "7ED01E2A"}};

class ExplainNames : public testing::TestWithParam<WrongNames> {};

TEST_P(ExplainNames, TRACE_1_the_mistake_in_the_names_is_told) {
  const auto& row = GetParam();
  const auto text = explain_names({row.client_id, row.username, ""}, known);
  if (row.named.empty()) {
    EXPECT_EQ(text, "");
  } else {
    EXPECT_THAT(text, HasSubstr(row.named));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ExplainNames,
    testing::Values(
        // AUTH-
        WrongNames{"AA30C505-DEV1", "AUTH-7ED01E2A-AA30C505", ""},
        WrongNames{"AA30C505-DEV1", "AUTH-AA30C505-7ED01E2A", "OpenID and ProductID are swapped"},
        WrongNames{"aa30c505-DEV1", "AUTH-7ED01E2A-aa30c505",
                   "ProductID in the username is in another case, write AA30C505"},
        WrongNames{"aa30c505-DEV1", "AUTH-7ED01E2A-AA30C505",
                   "ProductID in the client id is in another case, write AA30C505"},
        WrongNames{"AA30C505-DEV1", "AUTH-7ed01e2a-AA30C505",
                   "OpenID is in another case, write 7ED01E2A"},
        WrongNames{"AA30C505-DEV1", "auth-7ED01E2A-AA30C505", "AUTH in another case"},
        WrongNames{"AA30C505-DEV1", "AUTH_7ED01E2A_AA30C505", "a _ stands in the username"},
        WrongNames{"AA30C505-DEV1", "AUTH-7ED01E2A.AA30C505", "a . stands in the username"},
        WrongNames{"AA30C505-DEV1", "AUTH-7ED01E2A", "has 2 parts, not 3"},
        WrongNames{"AA30C505-DEV1", "AUTH-7ED01E2A-AA30C505-DEV1", "has 4 parts, not 3"},
        WrongNames{"AA30C505-DEV1", "AUTH-7ED01E2A-AA30C505\n", "ends with a line break"},
        WrongNames{"AA30C505-DEV1 ", "AUTH-7ED01E2A-AA30C505", "client id begins or ends with a"},
        WrongNames{"AA30C505.DEV1", "AUTH-7ED01E2A-AA30C505", "a . stands in the client id"},
        WrongNames{"AA30C505_DEV1", "AUTH-7ED01E2A-AA30C505", "a _ stands in the client id"},
        // V2_
        WrongNames{"V2_AA30C505.DEV1_0_1675404867", "7ED01E2A-AA30C505-DEV1", ""},
        WrongNames{"V2_AA30C505.DEV1_0_1675404867", "AA30C505-7ED01E2A-DEV1", "are swapped"},
        WrongNames{"V2_aa30c505.DEV1_0_1675404867", "7ED01E2A-AA30C505-DEV1",
                   "ProductID in the client id is in another case"},
        WrongNames{"V2_AA30C505.DEV1_0_1675404867", "7ed01e2a-AA30C505-DEV1", "OpenID is in"},
        WrongNames{"V2_AA30C505.DEV1_0_1675404867", "7ED01E2A_AA30C505_DEV1", "a _ stands"},
        WrongNames{"V2_AA30C505.DEV1_0_1675404867", "7ED01E2A-AA30C505", "has 2 parts, not 3"},
        WrongNames{"v2_AA30C505.DEV1_0_1675404867", "7ED01E2A-AA30C505-DEV1", "begins with v2"},
        WrongNames{"V2_AA30C505-DEV1_0_1675404867", "7ED01E2A-AA30C505-DEV1", "joined by other"},
        WrongNames{"V2_AA30C505.DEV1_0", "7ED01E2A-AA30C505-DEV1", "has 4 parts, not 5"},
        WrongNames{"AA30C505-DEV1", "7ED01E2A-AA30C505-DEV1", "the client id is of an AUTH- login"},
        // nobody's
        WrongNames{"mqttx_0a1b", "admin", ""}, WrongNames{"", "", ""}));

TEST(ExplainNamesOfProducts, TRACE_1_ids_are_looked_for_in_either_case_and_place) {
  EXPECT_THAT(possible_product_ids({"aA30C505-DEV1", "AUTH-7ED01E2A-AA30C505", ""}),
              testing::ElementsAre("aA30C505", "AA30C505", "aa30c505", "7ED01E2A", "7ed01e2a"));
  std::string many;
  for (int i = 0; i < 99; ++i) many += "-ABCDEF" + std::to_string(10 + i % 90);
  EXPECT_LE(possible_product_ids({many, many, ""}).size(), 12U);
}

class ExplainAuthPassword : public testing::Test {
 protected:
  Example example;
  Aes aes;

  std::string explain(const std::string& password) const {
    const auto text =
        explain_auth_password(example.id(), password, example.product_key, example.device_secret);
    EXPECT_THAT(text, Not(HasSubstr(example.product_key)));
    EXPECT_THAT(text, Not(HasSubstr(example.device_secret)));
    return text;
  }
};

TEST_F(ExplainAuthPassword, TRACE_1_each_usual_mistake_is_named) {
  const auto& key = example.product_key;
  auto lower = key;
  for (auto& c : lower) c = static_cast<char>(std::tolower(c));
  const std::string v2 = example.type1.at("password");
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "empty"},
      {lower, "in another case"},
      {key.substr(0, 31), "cut off after 31 of 32"},
      {key + "\n", "behind it stands a line break"},
      {key + "\r\n", "behind it stands a line break"},
      {key + '\0', "behind it stands a NUL"},
      {key + " ", "behind it stands a blank"},
      {" " + key, "before it stands a blank"},
      {key + "00", "behind it stands 2 characters too many"},
      {"0x" + key, "0x stands in front"},
      {'"' + key + '"', "quotation marks"},
      {example.device_secret, "the DeviceSecret was sent"},
      {v2, "the password of a V2_ login was sent"},
      {example.type0.at("password"), "the password of a V2_ login was sent"},
      {std::string(128, 'A'), "looks like the password of a V2_ login"},
      {std::string(32, 'A'), ""},
      {"hello", ""},
  };
  for (const auto& [password, named] : rows) {
    if (named.empty()) {
      EXPECT_EQ(explain(password), "");
    } else {
      EXPECT_THAT(explain(password), HasSubstr(named));
    }
  }
}

TEST_F(ExplainAuthPassword, TRACE_1_a_v2_password_of_a_device_that_is_not_registered) {
  EXPECT_THAT(explain_auth_password(example.id(), std::string(example.type0.at("password")),
                                    example.product_key, ""),
              HasSubstr("looks like the password of a V2_ login"));
}

}  // namespace
}  // namespace xgate::protocol
