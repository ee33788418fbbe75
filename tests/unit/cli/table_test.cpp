// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/text.hpp"

namespace xgate::cli {
namespace {

struct Printed {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Environment environment(bool terminal, bool colours, std::size_t columns = 0) {
    return {.in = in,
            .out = out,
            .err = err,
            .out_is_terminal = terminal,
            .columns = columns,
            .colours = colours};
  }
};

TEST(Table, columns_line_up_whatever_the_script) {
  Printed printed;
  Table table({{"open_id"}, {"name"}, {"enabled"}});
  table.add({"7ED01E2A", "利尔达", "yes"});
  table.add({"0000BEEF", "Acme Inc", "no"});
  table.print(printed.environment(false, false));
  EXPECT_EQ(printed.out.str(),
            "open_id   name      enabled\n"
            "7ED01E2A  利尔达    yes\n"
            "0000BEEF  Acme Inc  no\n");
}

TEST(Table, without_a_terminal_nothing_is_cut_and_nothing_is_coloured) {
  Printed printed;
  Table table({{"payload", Yields::first}, {"verdict"}});
  table.add({"1234567890", Cell("✗", Style::bad)});
  table.print(printed.environment(false, false));
  EXPECT_EQ(printed.out.str(), "payload     verdict\n1234567890  ✗\n");
}

TEST(Table, on_a_terminal_the_heading_is_bold_and_what_yields_is_cut) {
  Printed printed;
  Table table({{"payload", Yields::first}, {"verdict"}});
  table.add({"1234567890abcdefghij", Cell("✗", Style::bad)});
  table.print(printed.environment(true, true, 27));
  EXPECT_EQ(printed.out.str(),
            "\x1b[1mpayload\x1b[0m             \x1b[1mverdict\x1b[0m\n"
            "1234567890abcdefg…  \x1b[31m✗\x1b[0m\n");
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_FALSE(line.ends_with(' ')) << line;
    widest = std::max(widest, display_width(line));
  }
  return widest;
}

Table messages() {
  Table table({{"received_at +08:00"},
               {"topic", Yields::first},
               {"ctrl"},
               {"id"},
               {"payload", Yields::first},
               {"verdict", Yields::by_lines}});
  table.add({"2026-11-23 10:04:50.123", "model/properties/report", "16", "2147483647",
             std::string(3000, 'x'), "✗ 4001 PROP-1 temp: 99 is out of range, 0 to 50"});
  table.add({"2026-11-23 10:04:51.123", "uplink", "4", "1", "{}", "✓ 200"});
  return table;
}

TEST(Table, keeps_to_the_terminals_width_whatever_it_is) {
  for (const std::size_t columns : {100U, 120U, 200U, 300U}) {
    Printed printed;
    messages().print(printed.environment(true, false, columns));
    EXPECT_LE(widest_line(printed.out.str()), columns);
    EXPECT_GT(widest_line(printed.out.str()), columns - 20) << "room was given away";
  }
}

TEST(Table, a_sentence_goes_on_in_the_next_line_and_loses_nothing) {
  Printed printed;
  Table table({{"device"}, {"why", Yields::by_lines}});
  table.add({"AA30C505.20MQTTJ000121",
             Cell("✗ the password does not match, for the key is another", Style::bad)});
  table.print(printed.environment(true, false, 54));
  EXPECT_EQ(printed.out.str(),
            "device                  why\n"
            "AA30C505.20MQTTJ000121  ✗ the password does not match,\n"
            "                        for the key is another\n");
}

TEST(Table, a_row_that_is_too_wide_is_a_block_whose_sentences_stand_alone) {
  Printed printed;
  Table table({{"time"}, {"device"}, {"topic", Yields::first}, {"why", Yields::by_lines}},
              WhenNarrow::blocks);
  table.add(
      {"10:04:50", "AA30C505.METER1", "uplink", "✗ TOPIC-3 this is not a topic of the device"});
  table.print(printed.environment(true, false, 48));
  EXPECT_EQ(printed.out.str(),
            "10:04:50  AA30C505.METER1\n"
            "  topic  uplink\n"
            "  why    ✗ TOPIC-3 this is not a topic of the\n"
            "         device\n");
}

TEST(Table, what_identifies_a_block_goes_on_in_the_next_line_whole) {
  Printed printed;
  Table table({{"time"}, {"what"}, {"device"}, {"address"}, {"why", Yields::by_lines}},
              WhenNarrow::blocks);
  const std::string device = "AA30C505." + std::string(32, '7');
  table.add({Cell("10:04:50", Style::plain, "10:04:50 +08:00"), "subscribe", device,
             "2001:db8::1:203", "✗ TOPIC-3 no"});
  table.print(printed.environment(true, false, 70));
  EXPECT_EQ(printed.out.str(), "10:04:50 +08:00  subscribe  " + device +
                                   "\n    2001:db8::1:203\n  why  ✗ TOPIC-3 no\n");
}

TEST(Table, a_row_that_fits_is_a_line_also_where_blocks_are_allowed) {
  Printed printed;
  Table table({{"time"}, {"why", Yields::by_lines}}, WhenNarrow::blocks);
  table.add({"10:04:50", "✗ no"});
  table.print(printed.environment(true, false, 48));
  EXPECT_EQ(printed.out.str(), "time      why\n10:04:50  ✗ no\n");
}

TEST(Table, a_block_shows_the_beginning_of_what_a_device_sent) {
  Printed printed;
  Table table({{"id"}, {"payload", Yields::first}, {"why", Yields::by_lines}}, WhenNarrow::blocks);
  table.add({"1", std::string(3000, 'x'), std::string(60, 'y')});
  table.print(printed.environment(true, false, 50));
  EXPECT_LE(widest_line(printed.out.str()), 50U);
  EXPECT_EQ(std::ranges::count(printed.out.str(), '\n'), 1 + 4 + 2);
  EXPECT_NE(printed.out.str().find("…"), std::string::npos);
}

TEST(Table, what_identifies_a_row_is_whole_and_a_sentence_legible_however_narrow_the_terminal) {
  Printed printed;
  Table table({{"device"},
               {"seen_at"},
               {"id"},
               {"name", Yields::last},
               {"why", Yields::by_lines},
               {"payload", Yields::first}});
  table.add({"AA30C505." + std::string(32, '7'), "2026-11-23 10:04:50.123", "2147483647",
             "the lamp at the door", "the password does not match, for the key is another",
             std::string(300, 'x')});
  table.print(printed.environment(true, false, 40));
  EXPECT_EQ(printed.out.str(),
            "device                                     seen_at                  id          "
            "name      why                             payload\n"
            "AA30C505." +
                std::string(32, '7') +
                "  2026-11-23 10:04:50.123  2147483647  the lam…  the password does not match,  "
                "  xxxxxxx…\n" +
                std::string(90, ' ') + "for the key is another\n");
}

TEST(Table, a_column_without_text_has_the_room_of_its_heading) {
  Printed printed;
  Table table({{"device"},
               {"ended"},
               {"before", Yields::first},
               {"note", Yields::by_lines},
               {"payload", Yields::first}});
  table.add({"AA30C505.20MQTTJ000121", "", "", "", std::string(60, 'x')});
  table.print(printed.environment(true, false, 67));
  EXPECT_EQ(printed.out.str(),
            "device                  ended  before  note  payload\n"
            "AA30C505.20MQTTJ000121                       xxxxxxxxxxxxxxxxxxxxx…\n");
}

TEST(Table, text_that_nobody_can_read_does_not_push_the_others_away) {
  Printed printed;
  Table table({{"client_id"}, {"why", Yields::by_lines}});
  table.add({std::string(500, 'A'), "the client id is none of the protocol's"});
  table.print(printed.environment(true, false, 100));
  EXPECT_NE(printed.out.str().find("AAA…  the client id is none of the protocol's"),
            std::string::npos)
      << printed.out.str();
}

TEST(Table, on_a_terminal_without_colours_there_is_no_escape) {
  Printed printed;
  Table table({{"a"}});
  table.add({Cell("x", Style::good)});
  table.print(printed.environment(true, false));
  EXPECT_EQ(printed.out.str(), "a\nx\n");
}

TEST(Table, printed_bit_by_bit_has_one_heading_and_never_gets_narrower) {
  Printed printed;
  const Environment env = printed.environment(false, false);
  Table table({{"topic"}, {"code"}});
  table.add({"firmware_report", "200"});
  table.print(env);
  table.add({"uplink", "200"});
  table.print(env);
  EXPECT_EQ(printed.out.str(),
            "topic            code\n"
            "firmware_report  200\n"
            "uplink           200\n");
}

TEST(Table, a_cell_cannot_steer_the_terminal) {
  Printed printed;
  Table table({{"payload"}});
  table.add({"\x1b]0;owned\x07"});
  table.print(printed.environment(true, true));
  EXPECT_EQ(printed.out.str().find("\x1b]"), std::string::npos);
}

TEST(Fields, values_line_up) {
  Printed printed;
  print_fields(printed.environment(false, false), {{"open_id", "7ED01E2A"}, {"name", "x"}});
  EXPECT_EQ(printed.out.str(), "open_id  7ED01E2A\nname     x\n");
}

}  // namespace
}  // namespace xgate::cli
