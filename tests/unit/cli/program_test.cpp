// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "run_xgate.hpp"

namespace xgate::cli::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

Words words_of(std::string_view path) {
  Words words;
  std::istringstream stream{std::string(path)};
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

TEST(Program, every_command_has_help_in_both_languages_with_its_usage) {
  for (const Command& command : commands()) {
    Words words = words_of(command.path);
    words.emplace_back("--help");
    const Ran ran = Xgate{}(words);
    EXPECT_EQ(ran.status, 0) << command.path;
    EXPECT_THAT(ran.out, HasSubstr("xgate " + std::string(command.path)));
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.summary)));
    EXPECT_THAT(std::string(command.summary), HasSubstr(" · "));
    EXPECT_THAT(ran.err, IsEmpty());
  }
}

/// The numbers, options, variables, requirements and words that are typed, of one half of a help.
std::multiset<std::string> typed_words_of(const std::string& half) {
  static const std::regex words(
      "XGATE_[A-Z_]+|--[a-z-]+|[A-Z0-9]+-[0-9]+|\\b[0-9][0-9.]*[smhd]?|model/#|"
      "accepted|warning|refused");
  return {std::sregex_token_iterator(half.begin(), half.end(), words), {}};
}

TEST(Program, both_halves_of_every_help_name_the_same_defaults_and_values) {
  for (const Command& command : commands()) {
    Words words = words_of(command.path);
    words.emplace_back("--help");
    std::istringstream lines{Xgate{}(words).out};
    for (std::string line; std::getline(lines, line) && !line.starts_with("Examples");) {
      const std::size_t between = line.rfind(" · ");
      if (!line.starts_with("  ") || between == line.npos) continue;
      const std::size_t gap = line.find("  ", line.find_first_not_of(' '));
      const std::size_t begin = gap < between ? gap : 0;
      const std::string english = line.substr(begin, between - begin);
      EXPECT_EQ(typed_words_of(english), typed_words_of(line.substr(between)))
          << command.path << ": " << line;
    }
  }
}

TEST(Program, the_examples_of_the_help_can_be_parsed) {
  Xgate nowhere;  // they end where they look for the token
  nowhere.url = "http://127.0.0.1:1";
  nowhere.token_file = "/nowhere/token";
  for (const Command& command : commands()) {
    if (command.needs == Needs::own) continue;  // would run on this machine's own service
    std::istringstream lines{std::string(command.examples)};
    for (std::string line; std::getline(lines, line);) {
      if (line.find_first_of("|>'") != std::string::npos) continue;  // the shell's
      const Ran ran = nowhere(words_of(line));
      EXPECT_NE(ran.status, 2) << line << "\n" << ran.err;
    }
  }
}

TEST(Program, help_of_program_and_group_lists_the_commands) {
  const Ran all = Xgate{}({"--help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_THAT(all.out, HasSubstr("login-params"));
  const Ran group = Xgate{}({"device", "--help"});
  EXPECT_EQ(group.status, 0);
  EXPECT_THAT(group.out, HasSubstr("import"));
}

struct Misuse {
  Words words;
  std::string says;
};
class Misused : public testing::TestWithParam<Misuse> {};

TEST_P(Misused, is_status_2_with_the_reason_and_where_help_is_on_one_line_of_stderr) {
  const Ran ran = Xgate{}(GetParam().words);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr(GetParam().says));
  EXPECT_THAT(ran.err, MatchesRegex("xgate: .*; see: xgate.* --help\n"));
}

const Words product_add{"product", "add",    "--vendor", "7ED01E2A", "--name",
                        "x",       "--auth", "0",        "--kind",   "json"};

INSTANTIATE_TEST_SUITE_P(
    Words, Misused,
    testing::Values(
        Misuse{{}, "a command is missing"}, Misuse{{"frob"}, "there is no command \"frob\""},
        Misuse{{"device"}, "a command is missing"},
        Misuse{{"device", "frob"}, "there is no command \"device frob\""},
        Misuse{{"--frob", "version"}, "--frob"}, Misuse{{"version", "--frob"}, "--frob"},
        Misuse{{"vendor", "add"}, "--name is required"},
        Misuse{{"vendor", "add", "--name", ""}, "--name: must not be empty"},
        Misuse{{"vendor", "add", "--name", "x", "--open-id", "7ED0"}, "ID-1"},
        Misuse{{"vendor", "set", "7ED01E2A"}, "nothing to set"},
        Misuse{{"vendor", "set", "7ED01E2A", "--enabled", "maybe"}, "neither on nor off"},
        Misuse{{"product", "add", "--vendor", "7ED01E2A", "--name", "x", "--kind", "json"},
               "--auth is required"},
        Misuse{{"product", "add", "--vendor", "7ED01E2A", "--name", "x", "--auth", "3", "--kind",
                "json"},
               "\"3\" is none of 0|1|2"},
        Misuse{{"product", "add", "--vendor", "7ED01E2A", "--name", "x", "--auth", "0", "--kind",
                "JSON"},
               "transparent|json|hex"},
        Misuse{plus(product_add, {"--key-lifetime", "48"}), "48h"},
        Misuse{plus(product_add, {"--product-id", "xyz"}), "ID-2"},
        Misuse{plus(product_add, {"--product-key", "12"}), "--product-key: must be 32 hex digits"},
        Misuse{plus(product_add, {"--reauth", "never"}), "always|until_activated"},
        Misuse{plus(product_add, {"--topic-names", "x"}), "section|table"},
        Misuse{plus(product_add, {"--key-reading", "x"}), "auto|text_product_key"},
        Misuse{{"product", "set", "AA30C505"}, "nothing to set"},
        Misuse{{"product", "show"}, "product_id is required"},
        Misuse{{"device", "add", "AA30C505"}, "ProductID.NodeEui"},
        Misuse{{"device", "show", "AA30C505.a/b"}, "ProductID.NodeEui"},
        Misuse{{"device", "show", device_name, "more"}, "\"more\" is one word too many"},
        Misuse{{"device", "list"}, "--product is required"},
        Misuse{{"device", "list", "--product", "AA30C505", "--state", "on"},
               "unactivated|online|offline|disabled"},
        Misuse{{"device", "import"}, "file is required"},
        Misuse{{"device", "export"}, "--product is required"},
        Misuse{{"events"}, "device is required"},
        Misuse{{"send", device_name}, "command is required"},
        Misuse{{"messages", "AA30"}, "is no product and no device; write ProductID"},
        Misuse{{"messages", "--follow", "--until", "1h"}, "--until"},
        Misuse{{"messages", device_name, "--limit", "ten"}, "no whole number"},
        Misuse{{"messages", device_name, "--limit", "-1"}, "no whole number"},
        Misuse{{"refusals", "--limit", "1e3"}, "no whole number"},
        Misuse{{"login-params"}, "--open-id is required"}, Misuse{{"encrypt", "x"}, "--key"},
        Misuse{{"decrypt", "--key", "short", "00"}, "must be 32 hex digits"},
        Misuse{{"session-key", "--session-id", "4655434B", "--nonce", "x"}, "no nonce"},
        Misuse{{"devices", "list"}, "there is no command \"devices\" (did you mean device?)"},
        Misuse{{"device", "lsit"}, "there is no command \"device lsit\" (did you mean list?)"},
        Misuse{{"messages", device_name, "--folow"}, "no option --folow (did you mean --follow?)"},
        Misuse{{"vendor", "list", "--jsn"}, "there is no option --jsn (did you mean --json?)"},
        Misuse{{"send", device_name, "down", "hello"}, "--data '\"hello\"'"},
        Misuse{{"messages", device_name, "--limit"}, "--limit needs a value: --limit N"},
        Misuse{{"decrypt", "--key", "326086233FAB8A96566796551EB1DFF8", "--key-file", "f", "00"},
               "does not go with"},
        Misuse{{"simulate", "--devices", "5"}, "--devices needs --scenario"},
        Misuse{{"events", device_name, "--from", "yesterday"}, "is not a time"},
        Misuse{{"device", "add", device_name, "--count", "2", "--secret",
                "326086233FAB8A96566796551EB1DFF8"},
               "--secret is one device's"},
        Misuse{{"device", "add", "AA30C505"}, "\"AA30C505\" is a product: write ProductID.NodeEui"},
        Misuse{{"device", "add", "AA30C505", "--count", "1", "--secret",
                "326086233FAB8A96566796551EB1DFF8"},
               "--secret is one device's"},
        Misuse{{"device", "add", "AA30C505.00A1B2FF", "--count", "2"}, "no decimal number"},
        Misuse{{"device", "add", "AA30C505.METER98", "--count", "3"},
               "the number at the end of \"METER98\" has too few digits for 3 devices"},
        Misuse{{"migrate"}, "--config or --database is required"}));

TEST(Program, a_secret_that_is_no_key_is_never_repeated) {
  const std::string secret = "326086233FAB8A96566796551EB1DFFX";
  for (const Words& words :
       {Words{"device", "add", device_name, "--secret", secret},
        Words{"decrypt", "--key", secret, "00"}, plus(product_add, {"--product-key", secret})}) {
    const Ran ran = Xgate{}(words);
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, Not(HasSubstr(secret)));
  }
}

TEST(Program, sentences_are_in_the_language_that_is_asked_for) {
  EXPECT_THAT(Xgate{}({"vendor", "set", "7ED01E2A", "--lang", "zh"}).err,
              HasSubstr("没有要修改的内容"));
  EXPECT_THAT(Xgate{}({"vendor", "set", "7ED01E2A"}).err, HasSubstr("nothing to set"));
  Xgate chinese;
  chinese.language = texts::Language::zh;
  EXPECT_THAT(chinese({"vendor", "set", "7ED01E2A"}).err, HasSubstr("没有要修改的内容"));
  EXPECT_THAT(chinese({"frob"}).err, HasSubstr("没有命令"));
  EXPECT_THAT(chinese({"vendor", "set", "7ED01E2A", "--lang", "en"}).err,
              HasSubstr("nothing to set"));
}

TEST(Program, what_is_wrong_with_the_words_is_said_in_the_language_that_they_ask_for) {
  EXPECT_THAT(Xgate{}({"--lang", "zh", "device", "lst"}).err, HasSubstr("没有命令"));
  EXPECT_THAT(Xgate{}({"device", "lst", "--lang=zh"}).err, HasSubstr("；见：xgate device --help"));
  Xgate chinese;
  chinese.language = texts::Language::zh;
  EXPECT_THAT(chinese({"--lang", "en", "device", "lst"}).err, HasSubstr("there is no command"));
}

TEST(Program, help_as_a_word_is_the_help_of_what_follows) {
  EXPECT_EQ(Xgate{}({"help"}).out, Xgate{}({"--help"}).out);
  EXPECT_EQ(Xgate{}({"help", "device", "add"}).out, Xgate{}({"device", "add", "--help"}).out);
  EXPECT_EQ(Xgate{}({"help", "frob"}).status, 2);
}

TEST(Program, version_is_an_option_too) {
  EXPECT_EQ(Xgate{}({"--version"}).out, Xgate{}({"version"}).out);
  EXPECT_EQ(Xgate{}({"--version", "--json"}).out, Xgate{}({"version", "--json"}).out);
}

TEST(Program, settings_are_toml_or_json) {
  EXPECT_THAT(Xgate{}({"config"}).out, HasSubstr("[broker]"));
  const nlohmann::json keys = nlohmann::json::parse(Xgate{}({"config", "--json"}).out);
  ASSERT_TRUE(keys.is_array());
  EXPECT_EQ(keys.at(0)["section"], "database");
  EXPECT_EQ(keys.at(0)["required"], true);
  EXPECT_FALSE(keys.at(0)["description"]["zh"].get<std::string>().empty());
}

TEST(Program, version_is_text_or_json) {
  EXPECT_EQ(Xgate{}({"version"}).out.substr(0, 6), "xgate ");
  EXPECT_THAT(Xgate{}({"version", "--json"}).out, HasSubstr("{\"version\":\""));
  EXPECT_EQ(Xgate{}({"--json", "version"}).out, Xgate{}({"version", "--json"}).out);
}

}  // namespace
}  // namespace xgate::cli::test
