// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "pool_fixture.hpp"

namespace xgate::script {
namespace {

using testing::HasSubstr;

struct Hostile {
  std::string name;
  std::string outcome;
  std::string source;
};

/// tests/data/hostile_scripts.txt, whose first lines explain it.
std::vector<Hostile> hostile_scripts() {
  std::ifstream file(XGATE_SOURCE_DIR "/tests/data/hostile_scripts.txt");
  std::vector<Hostile> all;
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view head = "=== ";
    if (line.starts_with(head)) {
      const std::size_t colon = line.rfind(": ");
      all.push_back({line.substr(head.size(), colon - head.size()), line.substr(colon + 2), {}});
    } else if (!all.empty()) {
      all.back().source += line + '\n';
    }
  }
  return all;
}

void expect(const Hostile& hostile, const Outcome& outcome) {
  constexpr std::string_view gives = "gives ";
  if (hostile.outcome.starts_with(gives)) {
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.output, hostile.outcome.substr(gives.size()));
    return;
  }
  EXPECT_NE(outcome.error, "");
  EXPECT_EQ(outcome.output, "");
  EXPECT_LE(outcome.error.size(), 600U);
  for (const char letter : outcome.error) EXPECT_GE(static_cast<unsigned char>(letter), 0x20);
  const bool limit = outcome.error.find(" ms") != std::string::npos ||
                     outcome.error.find(" MB") != std::string::npos;
  EXPECT_EQ(limit, hostile.outcome == "limit") << outcome.error;
}

TEST_F(PoolTest, every_hostile_script_costs_its_own_call_and_nothing_else) {
  const auto all = hostile_scripts();
  ASSERT_GE(all.size(), 100U);
  const std::string demo = demo_script();
  const std::string alarm = "\x04\x07";
  const std::string good = decode(demo, alarm).output;
  ASSERT_THAT(good, HasSubstr("alarm"));
  for (const Hostile& hostile : all) {
    SCOPED_TRACE(hostile.name);
    const bool encodes = hostile.name.ends_with("(encode)");
    for (int i = 0; i < (hostile.outcome.starts_with("gives") ? 3 : 1); ++i) {
      expect(hostile,
             pool_.run_and_wait(call(hostile.source, encodes ? "{}" : "\x01\x02", hostile.name,
                                     encodes ? Call::Function::protocol_to_raw_data
                                             : Call::Function::raw_data_to_protocol)));
    }
    EXPECT_EQ(pool_.run_and_wait(call(demo, alarm, "AA30C505")).output, good);
  }
}

}  // namespace
}  // namespace xgate::script
