// SPDX-License-Identifier: Apache-2.0
// What commands print is text, whatever the service and devices say.
#include "cli/output.hpp"

#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/table.hpp"
#include "fakes/http_peer.hpp"
#include "printable/characters.hpp"
#include "run_xgate.hpp"

namespace xgate::cli::test {
namespace {

using fakes::HttpPeer;
using nlohmann::json;
using testing::HasSubstr;

// OSC 52, DEL, C1, U+061C, U+202E, U+2066, U+2028, a tag.
constexpr std::string_view steering =
    "\x1b]52;c;aGk=\x07\x7f\u009b2J\u061c\u202e\u2066\u2028\U000e0041\n";
constexpr std::string_view shown =
    "\\u001b]52;c;aGk=\\u0007\\u007f\\u009b2J\\u061c\\u202e\\u2066\\u2028\\udb40\\udc41\\u000a";

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const auto next = printable::first_character(text);
    if (next.code != '\n' && !printable::is_printable(next.code)) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

template <class T>
concept Writable = requires(const Output& out, const T& value) {
  out << value;
};
static_assert(!Writable<bool>);
static_assert(Writable<std::string> && Writable<printable::Line> && Writable<int>);
// Tables know no other text.
static_assert(std::is_same_v<decltype(Cell::text), printable::Line>);
static_assert(std::is_same_v<decltype(Column::name), printable::Line>);
static_assert(std::is_same_v<decltype(Field::first), printable::Line>);

TEST(Output, escapes_every_string_and_no_literal) {
  std::ostringstream stream;
  const Output out(stream);
  out << "\x1b[1m" << std::string(steering) << std::string_view("温\t") << 7 << '\n';
  EXPECT_EQ(stream.str(), "\x1b[1m" + std::string(shown) + "温\\u00097\n");
}

class Unsteered : public testing::Test {
 protected:
  TemporaryFolder folder;

  Ran ran(const Words& words, const json& answer, int status = 200, bool terminal = false) {
    HttpPeer peer({{status, answer.dump()}});
    Xgate program;
    program.url = peer.url();
    program.token_file = folder.write("token", "xgate_the-token\n");
    program.terminal = terminal;
    return program(words);
  }
};

const std::string nasty{steering};

TEST_F(Unsteered, names_of_settings_are_text) {
  const json answer{{"settings", {{nasty, nasty}}}, {"reported_at", nullptr}};
  const Ran plain = ran({"config", device_name}, answer);
  EXPECT_TRUE(is_text(plain.out)) << plain.out;
  EXPECT_THAT(plain.out, HasSubstr(std::string(shown)));
  for (const bool terminal : {false, true}) {
    const Ran as_json = ran({"config", device_name, "--json"}, answer, 200, terminal);
    EXPECT_TRUE(is_text(as_json.out)) << as_json.out;
    EXPECT_EQ(json::parse(as_json.out), answer);
  }
}

TEST_F(Unsteered, members_that_nobody_knows_are_text) {
  const Ran ran_it =
      ran({"device", "show", device_name}, {{"device", device_name}, {nasty, nasty}});
  EXPECT_TRUE(is_text(ran_it.out)) << ran_it.out;
}

TEST_F(Unsteered, messages_are_text_and_json_to_programs) {
  const json message{{"received_at", nasty},  {"device", nasty}, {"topic", nasty},
                     {"payload_text", nasty}, {"reason", nasty}, {"note", nasty},
                     {nasty, nasty}};
  const json answer{{"items", {message}}, {"next_cursor", nullptr}, {"position", "1"}};
  EXPECT_TRUE(is_text(ran({"messages"}, answer).out));
  EXPECT_TRUE(is_text(ran({"refusals"}, answer).out));
  const Ran as_json = ran({"messages", "--json"}, answer);
  EXPECT_TRUE(is_text(as_json.out));
  EXPECT_EQ(json::parse(as_json.out), json::array({message}));
}

TEST_F(Unsteered, errors_are_text_in_the_lines_that_they_have) {
  const Ran refused = ran({"vendor", "list"},
                          {{"detail", nasty},
                           {"errors",
                            {{{"pointer", "/" + nasty}, {"detail", nasty + "1"}},
                             {{"pointer", "/b"}, {"detail", "is wrong"}}}}},
                          422);
  EXPECT_TRUE(is_text(refused.err)) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr(":\n  /" + std::string(shown) + "  "));
  EXPECT_EQ(std::ranges::count(refused.err, '\n'), 3) << refused.err;
  const Ran misused = ran({"device", nasty}, {});
  EXPECT_TRUE(is_text(misused.err)) << misused.err;
}

TEST_F(Unsteered, a_script_is_text_on_a_terminal_and_itself_in_a_file) {
  const std::string source = "// " + nasty + "\tx\n";
  EXPECT_EQ(ran({"script", "show", "AA30C505"}, {{"source", source}}).out, source);
  const Ran seen = ran({"script", "show", "AA30C505"}, {{"source", source}}, 200, true);
  EXPECT_THAT(seen.out, HasSubstr("\\u001b]52;"));
}

}  // namespace
}  // namespace xgate::cli::test
