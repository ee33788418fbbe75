// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>
#include <ostream>
#include <string_view>

#include "cli/text.hpp"

namespace xgate::cli {
namespace {

std::string_view escape_of(Style style) noexcept {
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
  return {};
}

void write_cell(const Environment& env, const Cell& cell, std::size_t pad_to) {
  const std::string_view escape = env.colours ? escape_of(cell.style) : std::string_view{};
  env.out << escape << cell.text << (escape.empty() ? "" : "\x1b[0m");
  const std::size_t width = display_width(cell.text);
  if (pad_to > width) env.out << std::string(pad_to - width, ' ');
}

void write_row(const Environment& env, const std::vector<Cell>& row,
               const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == row.size();
    write_cell(env, row[i], last ? 0 : widths[i] + 2);  // nothing trails a line
  }
  env.out << '\n';
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(display_width(column.name));
}

void Table::add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

void Table::print(const Environment& env) {
  for (std::vector<Cell>& row : rows_) {
    row.resize(columns_.size(), Cell(""));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i].text = printable(row[i].text);
      if (env.out_is_terminal && columns_[i].widest > 0) {
        row[i].text = clipped(row[i].text, columns_[i].widest);
      }
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
    }
  }
  if (!heading_printed_) {
    std::vector<Cell> heading;
    for (const Column& column : columns_) heading.emplace_back(column.name, Style::heading);
    write_row(env, heading, widths_);
    heading_printed_ = true;
  }
  for (const std::vector<Cell>& row : rows_) write_row(env, row, widths_);
  rows_.clear();
  env.out.flush();
}

void print_fields(const Environment& env, const std::vector<Field>& fields) {
  std::size_t width = 0;
  for (const Field& field : fields) width = std::max(width, display_width(field.first));
  for (const Field& field : fields) {
    write_cell(env, Cell(field.first, Style::heading), width + 2);
    write_cell(env, Cell(printable(field.second.text), field.second.style), 0);
    env.out << '\n';
  }
}

}  // namespace xgate::cli
