// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "cli/text.hpp"

namespace xgate::cli {
namespace {

using printable::Line;

printable::Literal escape_of(Style style) {
  switch (style) {
    case Style::heading:
      return "\x1b[1m";
    case Style::good:
      return "\x1b[32m";
    case Style::warning:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
    case Style::faint:
      return "\x1b[2m";
    case Style::plain:
      break;
  }
  return "";
}

std::size_t width_of(const Line& line) { return display_width(line.text()); }
Line blanks_for(std::size_t columns) { return std::string(columns, ' '); }

void write_cell(const Environment& env, const Line& text, Style style, std::size_t pad_to) {
  const bool coloured = env.colours && style != Style::plain;
  if (coloured) env.out << escape_of(style);
  env.out << text;
  if (coloured) env.out << "\x1b[0m";
  const std::size_t width = width_of(text);
  if (pad_to > width) env.out << blanks_for(pad_to - width);
}

constexpr std::size_t gap = 2;
/// A device's name has 41 at most: what is wider is no identity that anybody reads.
constexpr std::size_t generous = 48;
constexpr std::size_t legible = 30;  ///< of a sentence
/// A narrow column tells little, a narrower nothing.
constexpr std::size_t narrow = 16;
constexpr std::size_t narrowest = 8;

/// One line of it, or several where a sentence is broken. Nothing trails a line.
void write_row(const Environment& env, const std::vector<Cell>& row,
               const std::vector<Column>& columns, const std::vector<std::size_t>& widths) {
  std::vector<std::vector<Line>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool breaks = columns[i].yields == Yields::by_lines;
    cells.push_back(breaks ? folded(row[i].text, widths[i])
                           : std::vector{clipped(row[i].text, widths[i])});
    height = std::max(height, cells.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    std::size_t blanks = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Line text = line < cells[i].size() ? cells[i][line] : Line();
      if (!text.empty()) {
        env.out << blanks_for(std::exchange(blanks, 0));
        write_cell(env, text, row[i].style, 0);
      }
      blanks += widths[i] + gap - width_of(text);
    }
    env.out << '\n';
  }
}

/// What a block has below its first line: sentences, and what devices sent.
bool below_the_line(const Column& column) noexcept {
  return column.yields == Yields::by_lines || column.yields == Yields::first;
}

/// What identifies the row, whole: on the block's first line, the rest on the next where it is too
/// wide.
void write_line_of_block(const Environment& env, const std::vector<Cell>& row,
                         const std::vector<Column>& columns) {
  constexpr std::size_t indent = 4;  // more than the labels below
  std::size_t line = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (below_the_line(columns[i]) || row[i].text.empty()) continue;
    const Line text = clipped(row[i].alone.empty() ? row[i].text : row[i].alone, generous);
    if (line > 0) {
      const bool fits = line + gap + width_of(text) <= env.columns;
      const std::size_t blanks = fits ? gap : indent;
      if (!fits) env.out << '\n';
      env.out << blanks_for(blanks);
      line = (fits ? line : 0) + blanks;
    }
    write_cell(env, text, row[i].style, 0);
    line += width_of(text);
  }
  env.out << '\n';
}

}  // namespace

Table::Table(std::vector<Column> columns, WhenNarrow when_narrow)
    : columns_(std::move(columns)), when_narrow_(when_narrow) {
  for (const Column& column : columns_) widths_.push_back(width_of(column.name));
}

void Table::add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

/// The widest of those that yield gives way, column by column, until the line fits or none can.
std::vector<std::size_t> Table::fitted(std::size_t columns) const {
  std::vector<std::size_t> widths = widths_;
  if (columns == 0 || widths.empty()) return widths;
  std::size_t line = full_width();
  const auto narrow_those = [&](std::initializer_list<Yields> which, std::size_t floor) {
    while (line > columns) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const bool yields = std::ranges::find(which, columns_[i].yields) != which.end();
        const std::size_t least = std::max(floor, width_of(columns_[i].name));
        if (yields && widths[i] > std::max(least, widest == nullptr ? 0 : *widest)) {
          widest = &widths[i];
        }
      }
      if (widest == nullptr) return;
      --*widest;
      --line;
    }
  };
  narrow_those({Yields::first, Yields::last, Yields::never}, generous);
  narrow_those({Yields::first}, narrow);
  narrow_those({Yields::by_lines}, legible);
  narrow_those({Yields::last}, narrow);
  narrow_those({Yields::first, Yields::last}, narrowest);
  return widths;
}

void Table::print(const Environment& env) {
  for (std::vector<Cell>& row : rows_) {
    row.resize(columns_.size(), Cell(""));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], width_of(row[i].text));
    }
  }
  in_blocks_ = in_blocks_ || (when_narrow_ == WhenNarrow::blocks && !heading_printed_ &&
                              env.columns != 0 && width_with_sentences_whole() > env.columns);
  if (in_blocks_) {
    print_blocks(env);
  } else {
    print_rows(env);
  }
  rows_.clear();
  env.out.flush();
}

std::size_t Table::full_width() const {
  std::size_t line = widths_.empty() ? 0 : gap * (widths_.size() - 1);
  for (const std::size_t width : widths_) line += width;
  return line;
}

/// What devices sent may be cut; a sentence that is broken between other columns is hard to read.
std::size_t Table::width_with_sentences_whole() const {
  std::size_t line = full_width();
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (columns_[i].yields == Yields::by_lines) continue;
    const std::size_t kept = columns_[i].yields == Yields::first ? legible : generous;
    line -= widths_[i] - std::min(widths_[i], kept);
  }
  return line;
}

/// Sentences are folded; of what devices sent, the first lines are shown.
void Table::print_blocks(const Environment& env) {
  constexpr std::size_t indent = 2;
  constexpr std::size_t most_lines = 4;
  std::size_t label_width = 0;
  for (const Column& column : columns_) {
    if (below_the_line(column)) label_width = std::max(label_width, width_of(column.name));
  }
  const std::size_t taken = indent + label_width + gap;
  const std::size_t room = std::max(env.columns, taken + legible) - taken;
  for (const std::vector<Cell>& row : rows_) {
    write_line_of_block(env, row, columns_);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!below_the_line(columns_[i]) || row[i].text.empty() || row[i].style == Style::faint)
        continue;
      const bool whole = columns_[i].yields == Yields::by_lines;
      std::vector<Line> lines = folded(row[i].text, room);
      if (!whole && lines.size() > most_lines) {
        lines.resize(most_lines);
        lines.back() = clipped(lines.back() + "…", room);
      }
      for (std::size_t line = 0; line < lines.size(); ++line) {
        env.out << blanks_for(indent);
        write_cell(env, line == 0 ? columns_[i].name : Line(), Style::faint, label_width + gap);
        write_cell(env, lines[line], row[i].style, 0);
        env.out << '\n';
      }
    }
  }
}

void Table::print_rows(const Environment& env) {
  const std::vector<std::size_t> widths = fitted(env.columns);
  if (!heading_printed_) {
    std::vector<Cell> heading;
    for (const Column& column : columns_) heading.emplace_back(column.name, Style::heading);
    write_row(env, heading, columns_, widths);
    heading_printed_ = true;
  }
  for (const std::vector<Cell>& row : rows_) write_row(env, row, columns_, widths);
}

void print_fields(const Environment& env, const std::vector<Field>& fields) {
  std::size_t width = 0;
  for (const Field& field : fields) width = std::max(width, width_of(field.first));
  for (const Field& field : fields) {
    write_cell(env, field.first, Style::heading, width + 2);
    write_cell(env, field.second.text, field.second.style, 0);
    env.out << '\n';
  }
}

}  // namespace xgate::cli
