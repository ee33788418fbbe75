// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cli/environment.hpp"
#include "printable/line.hpp"

namespace xgate::cli {

enum class Style : std::uint8_t { plain, heading, good, warning, bad, faint };

struct Cell {
  template <std::convertible_to<printable::Line> Words>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): a Cell is not convertible to a Line
  Cell(Words&& words, Style look = Style::plain, printable::Line in_block = {})
      : text(std::forward<Words>(words)), style(look), alone(std::move(in_block)) {}
  printable::Line text;
  Style style = Style::plain;
  printable::Line alone;  ///< what it is without a heading, in a block; empty: the same
};

/// Which columns get narrower where a table is wider than the terminal.
enum class Yields : std::uint8_t {
  never,     ///< what identifies a row (device, id, time), numbers, states: the line gets longer
  last,      ///< names of things: cut with …, where nothing else can get narrower
  by_lines,  ///< sentences: they go on in the next line, and nothing of them is lost
  first,     ///< what devices sent, of which there may be kilobytes: cut with …
};

struct Column {
  printable::Line name;
  Yields yields = Yields::never;
};

/// What becomes of a table that is wider than the terminal.
enum class WhenNarrow : std::uint8_t {
  fold,    ///< columns get narrower, sentences go on in the next line
  blocks,  ///< a block a row: what identifies it, then each sentence in lines of its own
};

/// Aligned columns, two spaces apart, without tabs, within the width of the environment's terminal
/// where that leaves every row told from the others, and its sentences legible.
/// A bold heading and colours only where the environment has them.
class Table {
 public:
  explicit Table(std::vector<Column> columns, WhenNarrow when_narrow = WhenNarrow::fold);
  void add(std::vector<Cell> row);
  /// Prints the heading (once) and the rows added since the last call. Columns get no narrower for
  /// want of text, so that what is printed bit by bit (--follow) still lines up.
  void print(const Environment& env);

 private:
  std::vector<std::size_t> fitted(std::size_t columns) const;
  std::size_t full_width() const;
  std::size_t width_with_sentences_whole() const;
  void print_rows(const Environment& env);
  void print_blocks(const Environment& env);

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;  ///< of the widest text so far
  std::vector<std::vector<Cell>> rows_;
  WhenNarrow when_narrow_;
  bool heading_printed_ = false;
  bool in_blocks_ = false;  ///< once so, always so: a follow does not change its look
};

using Field = std::pair<printable::Line, Cell>;
/// One thing's members, one a line, the values aligned.
void print_fields(const Environment& env, const std::vector<Field>& fields);

}  // namespace xgate::cli
