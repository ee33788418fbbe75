// SPDX-License-Identifier: Apache-2.0
#include "plugin/options.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::plugin {
namespace {

using testing::HasSubstr;

std::string refusal(std::vector<OptionText> texts, OptionText extra) {
  texts.push_back(extra);
  const auto options = parse_options(texts);
  return options ? "accepted" : options.error();
}

const std::vector<OptionText> least{{"database", "dbname=x"}, {"accounts_file", "/a"}};

TEST(Options, have_defaults) {
  const auto options = parse_options(least);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->database, "dbname=x");
  EXPECT_EQ(options->accounts_file, "/a");
  EXPECT_EQ(options->cache_file, "");
  EXPECT_EQ(options->broker_id, "local");
  EXPECT_EQ(options->clock_skew_s, 60);
  EXPECT_EQ(options->login_rules.backoff.free, 5);
  EXPECT_EQ(options->login_rules.backoff.longest_ms, 900'000);
  EXPECT_EQ(options->login_rules.peer.failures, 5000);
  EXPECT_TRUE(options->accounts_from.contains("127.0.0.1"));
  EXPECT_TRUE(options->accounts_from.contains("::1"));
  EXPECT_FALSE(options->accounts_from.contains("192.0.2.1"));
}

TEST(Options, of_failed_logins_are_read) {
  auto texts = least;
  texts.insert(texts.end(), {{"login_free_failures", "0"},
                             {"login_longest_backoff", "60"},
                             {"login_failures_per_address", "7"},
                             {"accounts_from", "10.1.0.0/16 !10.1.0.1"}});
  const auto options = parse_options(texts);
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->login_rules.backoff.free, 0);
  EXPECT_EQ(options->login_rules.backoff.longest_ms, 60'000);
  EXPECT_EQ(options->login_rules.peer.failures, 7);
  EXPECT_TRUE(options->accounts_from.contains("10.1.0.2"));
  EXPECT_FALSE(options->accounts_from.contains("10.1.0.1"));
  EXPECT_THAT(refusal(least, {"accounts_from", "service.example"}),
              HasSubstr("plugin_opt_accounts_from must list the IP addresses and networks that "
                        "service accounts log in from: 'service.example' is no IP address"));
  EXPECT_THAT(refusal(least, {"login_longest_backoff", "1h"}),
              HasSubstr("plugin_opt_login_longest_backoff must be a number of seconds"));
  EXPECT_THAT(refusal(least, {"login_free_failures", "-1"}), HasSubstr("of failures from 0 to"));
}

TEST(Options, a_heartbeat_is_written_where_asked) {
  auto texts = least;
  texts.emplace_back("alive_file", "/run/xgate/alive");
  const auto options = parse_options(texts);
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->alive_file, "/run/xgate/alive");
  EXPECT_THAT(refusal(least, {"alive_file", "alive"}), HasSubstr("plugin_opt_alive_file"));
}

TEST(Options, an_error_names_the_option) {
  EXPECT_THAT(refusal(least, {"databse", "x"}), HasSubstr("plugin_opt_databse is unknown"));
  EXPECT_THAT(refusal(least, {"database", "y"}),
              HasSubstr("plugin_opt_database stands there twice"));
  EXPECT_THAT(refusal(least, {"cache_file", "relative"}), HasSubstr("plugin_opt_cache_file"));
  EXPECT_THAT(refusal(least, {"broker_id", "a b"}), HasSubstr("plugin_opt_broker_id"));
  EXPECT_THAT(refusal(least, {"broker_id", ""}), HasSubstr("plugin_opt_broker_id is empty"));
  for (const auto* value : {"-1", "60s", "86401", "99999999999999999999", ""}) {
    EXPECT_THAT(refusal(least, {"clock_skew", value}), HasSubstr("plugin_opt_clock_skew")) << value;
  }
  EXPECT_THAT(refusal({}, {"database", "x"}), HasSubstr("plugin_opt_accounts_file is missing"));
  EXPECT_THAT(refusal({}, {"accounts_file", "/x"}), HasSubstr("plugin_opt_database is missing"));
}

TEST(Options, V2_3_a_clock_skew_above_what_is_remembered_is_warned_of) {
  auto options = parse_options(least).value();
  EXPECT_EQ(doubt_about(options), "");
  options.clock_skew_s = 64;
  EXPECT_EQ(doubt_about(options), "");
  options.clock_skew_s = 65;
  EXPECT_THAT(doubt_about(options), HasSubstr("plugin_opt_clock_skew is more than the 64 seconds"));
}

}  // namespace
}  // namespace xgate::plugin
