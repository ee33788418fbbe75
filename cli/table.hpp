// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/environment.hpp"

namespace xgate::cli {

enum class Style : std::uint8_t { plain, heading, good, warning, bad, faint };

struct Cell {
  Cell(std::string words, Style look = Style::plain) : text(std::move(words)), style(look) {}
  Cell(const char* words) : text(words) {}
  std::string text;
  Style style = Style::plain;
};

/// Which columns get narrower where a table is wider than the terminal.
enum class Yields : std::uint8_t {
  never,     ///< what identifies a row (device, id, time), numbers, states: the line gets longer
  last,      ///< names of things: cut with …, where nothing else can get narrower
  by_lines,  ///< sentences: they go on in the next line, and nothing of them is lost
  first,     ///< what devices sent, of which there may be kilobytes: cut with …
};

struct Column {
  std::string name;
  Yields yields = Yields::never;
};

/// Aligned columns, two spaces apart, without tabs, within the width of the environment's terminal
/// where that leaves every row told from the others, and its sentences legible.
/// A bold heading and colours only where the environment has them.
class Table {
 public:
  explicit Table(std::vector<Column> columns);
  void add(std::vector<Cell> row);
  /// Prints the heading (once) and the rows added since the last call. Columns get no narrower for
  /// want of text, so that what is printed bit by bit (--follow) still lines up.
  void print(const Environment& env);

 private:
  std::vector<std::size_t> fitted(std::size_t columns) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;  ///< of the widest text so far
  std::vector<std::vector<Cell>> rows_;
  bool heading_printed_ = false;
};

using Field = std::pair<std::string, Cell>;
/// One thing's members, one a line, the values aligned.
void print_fields(const Environment& env, const std::vector<Field>& fields);

}  // namespace xgate::cli
