// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <ostream>
#include <sstream>
#include <system_error>

#include <CLI/CLI.hpp>

#include "cli/command_tree.hpp"
#include "cli/help.hpp"
#include "cli/options.hpp"
#include "cli/version.hpp"

namespace xgate::cli {
namespace {

namespace fs = std::filesystem;
using Nodes = std::vector<CommandNode>;

/// The words of a page that are not the commands' own.
struct Language {
  const char* folder;  ///< below the manual's
  bool chinese;
  const char *name, *synopsis, *description, *commands, *options, *examples, *see_also;
};
constexpr Language languages[]{
    {"man1", false, "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXAMPLES",
     "SEE ALSO"},
    {"zh_CN/man1", true, "名称", "概要", "描述", "命令", "选项", "示例", "参见"},
};

/// Descriptions are "English · 中文", or only English.
std::string in_language(const std::string& description, const Language& language) {
  constexpr std::string_view between = " · ";
  const std::size_t at = description.rfind(between);
  if (at == std::string::npos) return description;
  return language.chinese ? description.substr(at + between.size()) : description.substr(0, at);
}

/// As roff prints it unchanged: a hyphen that can be copied, a backslash, no request at a line's
/// begin.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += ' ';
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '\\') {
      result += "\\e";
    } else if (c == '|') {
      result += "|\\:";  // a line may be broken between choices
    } else {
      result += c;
    }
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

/// Usages and help break their lines for terminals; here man does.
std::string one_line(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

void write_options(std::ostream& out, const CLI::App& app, const Language& language) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    out << ".TP\n.B " << roff(with_value(*option)) << '\n'
        << roff(in_language(option->get_description(), language)) << '\n';
  }
}

void write_examples(std::ostream& out, const CommandNode& node) {
  if (node.command == nullptr || node.command->examples.empty()) return;
  out << ".nf\n";
  std::istringstream lines{std::string(node.command->examples)};
  for (std::string line; std::getline(lines, line);)
    out << roff(line.starts_with('|') ? line.substr(1) : "xgate " + line) << '\n';
  out << ".fi\n";
}

void write_command(std::ostream& out, const CommandNode& node, const Language& language) {
  out << ".SS " << roff(one_line(usage_line(*node.app))) << '\n'
      << roff(in_language(node.app->get_description(), language)) << '\n';
  write_options(out, *node.app, language);
  if (node.command == nullptr || node.command->examples.empty()) return;
  out << ".PP\n";
  write_examples(out, node);
}

std::string page_name(const CommandNode& node) {
  return node.path.empty() ? "xgate" : "xgate-" + node.path;
}

std::string other_pages(const Nodes& tree, const CommandNode& node) {
  std::string pages = node.path.empty() ? "" : "xgate(1)";
  for (const CommandNode& one : node.path.empty() ? below(tree, "") : Nodes{})
    pages += (pages.empty() ? "" : ", ") + page_name(one) + "(1)";
  return pages + (pages.empty() ? "" : ", ") + "mosquitto(8)";
}

std::string page(const Nodes& tree, const CommandNode& node, const Language& language) {
  std::ostringstream out;
  // groff 1.23 adjusts anew in every section, as AD says.
  out << ".\\\" written by `xgate manual`\n.TH " << roff(page_name(node)) << " 1 \"\" \"xgate "
      << version() << "\" \"xgate\"\n.nh\n.ds AD l\n.ad l\n"
      << ".SH " << language.name << '\n'
      << roff(page_name(node)) << " \\- "
      << roff(in_language(node.app->get_description(), language)) << "\n.SH " << language.synopsis
      << '\n'
      << ".B " << roff(one_line(usage_line(*node.app))) << '\n';
  const Nodes next = below(tree, node.path);
  if (!next.empty()) out << ".SH " << language.commands << '\n';
  for (const CommandNode& one : next) {
    if (!node.path.empty()) {
      write_command(out, one, language);
      continue;
    }
    out << ".TP\n.B " << roff(one.path) << '\n'
        << roff(in_language(one.app->get_description(), language)) << '\n';
  }
  out << ".SH " << language.options << '\n';
  write_options(out, *node.app, language);
  if (node.command != nullptr && !node.command->examples.empty()) {
    out << ".SH " << language.examples << '\n';
    write_examples(out, node);
  }
  out << ".SH " << language.see_also << '\n' << roff(other_pages(tree, node)) << '\n';
  return out.str();
}

Outcome write_page(const fs::path& file, const std::string& text) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  std::ofstream out(file);
  if (!(out << text) || !out.flush())
    return failed("cannot write " + file.string() + (error ? ": " + error.message() : ""));
  return {};
}

}  // namespace

Handler declare_manual(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  add_text(app, "folder", *folder, "FOLDER",
           "where man1 and zh_CN/man1 shall be, such as /usr/share/man · "
           "放置 man1 和 zh_CN/man1 的目录，如 /usr/share/man")
      ->required();
  return [&app, folder](const Context&) -> Outcome {
    const Nodes tree = command_tree(app);
    for (const Language& language : languages) {
      for (const CommandNode& node : tree) {
        if (node.path.find(' ') != std::string::npos) continue;  // on its group's page
        const fs::path file = fs::path(*folder) / language.folder / (page_name(node) + ".1");
        if (Outcome written = write_page(file, page(tree, node, language)); !written)
          return written;
      }
    }
    return {};
  };
}

}  // namespace xgate::cli
