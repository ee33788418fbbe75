// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

struct Printed {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Environment environment(bool terminal, bool colours) {
    return {.in = in, .out = out, .err = err, .out_is_terminal = terminal, .colours = colours};
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
  Table table({{"payload", 5}, {"verdict"}});
  table.add({"1234567890", Cell("✗", Style::bad)});
  table.print(printed.environment(false, false));
  EXPECT_EQ(printed.out.str(), "payload     verdict\n1234567890  ✗\n");
}

TEST(Table, on_a_terminal_long_cells_are_cut_and_the_heading_is_bold) {
  Printed printed;
  Table table({{"payload", 5}, {"verdict"}});
  table.add({"1234567890", Cell("✗", Style::bad)});
  table.print(printed.environment(true, true));
  EXPECT_EQ(printed.out.str(),
            "\x1b[1mpayload\x1b[0m  \x1b[1mverdict\x1b[0m\n"
            "1234…    \x1b[31m✗\x1b[0m\n");
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
