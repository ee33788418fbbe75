// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/text.hpp"

namespace xgate::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

void write_lines(std::ostream& out, const std::string& title, const Lines& lines) {
  if (lines.empty()) return;
  out << '\n' << title << ":\n";
  std::size_t width = 0;
  for (const auto& [left, right] : lines) {
    // one long line must not push all the others to the right
    if (left.size() <= 34) width = std::max(width, left.size());
  }
  for (const auto& [left, right] : lines) {
    out << "  " << left;
    if (left.size() > width) {
      out << '\n' << std::string(width + 4, ' ') << right << '\n';
    } else {
      out << std::string(width - left.size() + 2, ' ') << right << '\n';
    }
  }
}

Lines commands_below(const CLI::App& app) {
  Lines below;
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::string words;
    for (const CLI::App* leaf : one->get_subcommands([](const CLI::App*) { return true; })) {
      words += (words.empty() ? ": " : ", ") + leaf->get_name();
    }
    below.emplace_back(one->get_name(), one->get_description() + words);
  }
  return below;
}

// Long usages go on below their own first option.
std::string wrapped(const std::string& start, const std::vector<std::string>& words) {
  constexpr std::size_t line_width = 100;
  std::string text = start;
  std::size_t width = display_width(start);
  for (const std::string& word : words) {
    if (width + 1 + display_width(word) > line_width) {
      text += "\n       ";
      width = 7;
    }
    text += " " + word;
    width += 1 + display_width(word);
  }
  return text;
}

Lines options_in(const CLI::App& app, bool global) {
  Lines lines;
  for (const CLI::Option* option : app.get_options()) {
    if ((option->get_group() == everywhere) != global || option->get_group().empty()) continue;
    lines.emplace_back(with_value(*option), option->get_description());
  }
  return lines;
}

void write_examples(std::ostream& out, std::string_view examples) {
  if (examples.empty()) return;
  out << "\nExamples · 示例:\n";
  std::istringstream lines{std::string(examples)};
  for (std::string line; std::getline(lines, line);) {
    // a line that begins with "|" is written as it is (a pipe or a redirection needs the shell)
    out << "  " << (line.starts_with('|') ? line.substr(1) : "xgate " + line) << '\n';
  }
}

}  // namespace

std::string with_value(const CLI::Option& option) {
  if (option.get_positional()) return option.get_type_name();
  std::string text;
  for (const std::string& name : option.get_snames()) text += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) text += "--" + name;
  if (option.get_items_expected_max() > 0) text += " " + option.get_type_name();
  return text;
}

bool is_group(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

std::string usage_line(const CLI::App& app) {
  std::string line;
  for (const CLI::App* one = &app; one != nullptr; one = one->get_parent()) {
    line.insert(0, one->get_name() + (line.empty() ? "" : " "));
  }
  if (!commands_below(app).empty()) return line + " COMMAND …";
  std::vector<std::string> required;
  std::vector<std::string> optional;
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option->get_group() == everywhere) continue;
    if (option->get_required()) {
      required.push_back(with_value(*option));
    } else {
      optional.push_back("[" + with_value(*option) + "]");
    }
  }
  required.insert(required.end(), optional.begin(), optional.end());
  return wrapped(line, required);
}

std::string help_text(const CLI::App& app, const Command* command) {
  std::ostringstream out;
  out << "Usage · 用法: " << usage_line(app) << "\n\n" << app.get_description() << '\n';
  const Lines below = commands_below(app);
  write_lines(out, "Commands · 命令", below);
  write_lines(out, "Options · 选项", options_in(app, false));
  write_lines(out, everywhere, options_in(app, true));
  if (command != nullptr) write_examples(out, command->examples);
  if (!below.empty()) {
    out << "\nEach command has its own --help · 每条命令都有自己的 --help\n";
  }
  return out.str();
}

}  // namespace xgate::cli
