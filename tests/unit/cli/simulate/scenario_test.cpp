// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

Scenario good(std::string_view text) {
  auto scenario = parse_scenario(text, "s.toml");
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().front());
  return scenario ? *scenario : Scenario{};
}

ScenarioErrors errors_of(std::string_view text) {
  const auto scenario = parse_scenario(text, "s.toml");
  EXPECT_FALSE(scenario);
  return scenario ? ScenarioErrors{} : scenario.error();
}

TEST(ScenarioTest, the_example_fits_the_kind_of_product) {
  EXPECT_THAT(good(example_scenario("json")).tasks, SizeIs(5));
  EXPECT_THAT(good(example_scenario("hex")).tasks, SizeIs(3));
  EXPECT_THAT(good(example_scenario("transparent")).tasks, SizeIs(3));
  EXPECT_THAT(example_scenario("json"),
              AllOf(HasSubstr("report = {"), HasSubstr("call = \"switch\""),
                    Not(HasSubstr("uplink =")), Not(HasSubstr("@json"))));
  EXPECT_THAT(example_scenario("hex"),
              AllOf(HasSubstr("as = \"property\""), Not(HasSubstr("report = {"))));
}

TEST(ScenarioTest, the_example_is_one) {
  const Scenario scenario = good(example_scenario());
  EXPECT_EQ(scenario.product, "AA30C505");
  EXPECT_EQ(scenario.count, 100);
  EXPECT_EQ(scenario.ramp, milliseconds(10000));
  EXPECT_EQ(scenario.stay, milliseconds(120000));
  EXPECT_EQ(scenario.soft_vers,
            (std::map<std::string, std::string>{{"default", "v2.1.3"}, {"mcu", "1.4"}}));
  EXPECT_EQ(scenario.settings["Port"], 7200);
  ASSERT_THAT(scenario.tasks, SizeIs(7));
  EXPECT_EQ(scenario.tasks[0].times, 20);
  EXPECT_EQ(scenario.tasks[2].content["events"]["alarmEvent"]["temp"], 99);
  EXPECT_EQ(scenario.tasks[4].header_ctrl, 18);
  ASSERT_THAT(scenario.rules, SizeIs(7));
  EXPECT_EQ(scenario.rules[0].code, "4001");
  EXPECT_EQ(scenario.rules[4].kind, Rule::Kind::config_set);
  EXPECT_TRUE(scenario.has_an_end());
}

TEST(ScenarioTest, errors_name_the_line_and_come_together) {
  const ScenarioErrors errors = errors_of(R"(
[devices]
product = "AA30"
cuont = 3
[[do]]
every = "5 s"
report = 7
[[do]]
uplink = 1
event = "x"
[[on]]
ota = "perhaps"
)");
  EXPECT_THAT(errors, testing::UnorderedElementsAre(
                          StartsWith("s.toml:3: [devices] product"),
                          StartsWith("s.toml:4: [devices] knows"),
                          StartsWith("s.toml:6: [[do]] every must be a duration"),
                          StartsWith("s.toml:7: [[do]] report must be a table"),
                          testing::AllOf(StartsWith("s.toml:"), HasSubstr("both uplink and event")),
                          StartsWith("s.toml:10: [[do]] knows no \"event\""),
                          StartsWith("s.toml:9: [[do]] knows no \"uplink\""),
                          StartsWith("s.toml:12: [[on]] ota is \"perhaps\"")));
}

TEST(ScenarioTest, what_is_no_toml_names_the_line_too) {
  EXPECT_THAT(errors_of("[devices]\nproduct = \n"), ElementsAre(StartsWith("s.toml:2: ")));
}

TEST(ScenarioTest, what_never_ends_is_known) {
  EXPECT_FALSE(good("").has_an_end());
  EXPECT_FALSE(good("[[do]]\nevery = \"1s\"\nuplink = 1\n").has_an_end());
  EXPECT_TRUE(good("[[do]]\nevery = \"1s\"\ntimes = 2\nuplink = 1\n").has_an_end());
}

TEST(ScenarioTest, patterns_are_checked_where_they_are_written) {
  EXPECT_THAT(errors_of("[[do]]\nreport = { temp = \"30..20\" }\n"),
              ElementsAre(HasSubstr("s.toml:2: [[do]] report \"30..20\"")));
  EXPECT_THAT(errors_of("[[do]]\nhex = \"0g\"\n"), ElementsAre(StartsWith("s.toml:2: [[do]] hex")));
  EXPECT_THAT(errors_of("[[do]]\nuplink = 2023-03-17\n"),
              ElementsAre(HasSubstr("JSON has no dates")));
  EXPECT_THAT(errors_of("[[on]]\nset = \"*\"\nreply = \"00\"\n"),
              ElementsAre(HasSubstr("s.toml:3: [[on]] reply is for hex")));
}

}  // namespace
}  // namespace xgate::cli
