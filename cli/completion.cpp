// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "cli/command_tree.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

using Nodes = std::vector<CommandNode>;

/// In single quotes, as every shell takes it.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + '\'';
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }
bool takes_file(const CLI::Option& option) { return option.get_type_name() == "FILE"; }

/// "on|off" names its values; "N|none" one of them.
std::string choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (type.find('|') == std::string::npos) return {};
  std::string choices;
  std::istringstream words(type);
  for (std::string word; std::getline(words, word, '|');) {
    const bool named = std::ranges::none_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (named) choices += (choices.empty() ? "" : " ") + word;
  }
  return choices;
}

/// The patterns of a `case` that knows which word goes on with which path.
std::string steps(const Nodes& tree) {
  std::string patterns;
  for (const CommandNode& node : tree) {
    if (node.path.empty()) continue;
    const bool first_word = node.path.find(' ') == std::string::npos;
    patterns += (patterns.empty() ? "" : " | ") + shell_quoted((first_word ? " " : "") + node.path);
  }
  return patterns;
}

// ---- bash --------------------------------------------------------------------------------------

void write_bash_words(std::ostream& out, const Nodes& tree, const CommandNode& node) {
  out << "    " << shell_quoted(node.path) << ") words='";
  for (const CommandNode& next : below(tree, node.path))
    out << next.path.substr(node.path.empty() ? 0 : node.path.size() + 1) << ' ';
  for (const CLI::Option* option : node.app->get_options())
    for (const std::string& name : names_of(*option)) out << name << ' ';
  const auto options = node.app->get_options();
  const bool file = std::ranges::any_of(options, [](const CLI::Option* option) {
    return option->get_positional() && takes_file(*option);
  });
  out << "'" << (file ? " files=yes" : "") << " ;;\n";
}

void write_bash_values(std::ostream& out, const CommandNode& node) {
  for (const CLI::Option* option : node.app->get_options()) {
    if (!takes_value(*option)) continue;
    for (const std::string& name : names_of(*option))
      out << "    " << shell_quoted(node.path + ' ' + name) << ") words='" << choices_of(*option)
          << "' files=" << (takes_file(*option) ? "yes" : "") << " ;;\n";
  }
}

void write_bash(std::ostream& out, const Nodes& tree) {
  out << "# bash completion of xgate, written by `xgate completion bash`\n"
         "_xgate() {\n"
         "  local path= word words= files= i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    word=${COMP_WORDS[i]}\n"
         "    case \"$path $word\" in\n      "
      << steps(tree)
      << ") path=${path:+$path }$word ;;\n"
         "    esac\n"
         "  done\n"
         "  case $path in\n";
  for (const CommandNode& node : tree) write_bash_words(out, tree, node);
  out << "  esac\n"
         "  case \"$path ${COMP_WORDS[COMP_CWORD - 1]}\" in\n";
  for (const CommandNode& node : tree) write_bash_values(out, node);
  out << "  esac\n"
         "  word=${COMP_WORDS[COMP_CWORD]}\n"
         "  mapfile -t COMPREPLY < <(\n"
         "    compgen -W \"$words\" -- \"$word\"\n"
         "    [[ -z $files ]] || compgen -f -- \"$word\"\n"
         "  )\n"
         "}\n"
         "complete -o filenames -F _xgate xgate\n";
}

// ---- zsh ---------------------------------------------------------------------------------------

/// What means something to _describe or _arguments is escaped.
std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_value(const CLI::Option& option) {
  std::string spec = ':' + zsh_escaped(option.get_type_name()) + ':';
  if (takes_file(option)) return spec + "_files";
  const std::string choices = choices_of(option);
  return choices.empty() ? spec : spec + '(' + choices + ')';
}

void write_zsh_case(std::ostream& out, const Nodes& tree, const CommandNode& node) {
  out << "    (" << shell_quoted(node.path) << ")\n";
  const Nodes next = below(tree, node.path);
  if (!next.empty()) {
    out << "      commands=(";
    for (const CommandNode& one : next)
      out << "\n        "
          << shell_quoted(zsh_escaped(one.app->get_name()) + ':' +
                          zsh_escaped(one.app->get_description()));
    out << ")\n      _describe command commands\n      ;;\n";
    return;
  }
  out << "      _arguments";
  for (const CLI::Option* option : node.app->get_options()) {
    const std::string help = '[' + zsh_escaped(option->get_description()) + ']';
    if (option->get_positional()) out << " \\\n        " << shell_quoted(zsh_value(*option));
    for (const std::string& name : names_of(*option))
      out << " \\\n        "
          << shell_quoted(name + help + (takes_value(*option) ? zsh_value(*option) : ""));
  }
  out << "\n      ;;\n";
}

void write_zsh(std::ostream& out, const Nodes& tree) {
  out << "#compdef xgate\n"
         "# zsh completion of xgate, written by `xgate completion zsh`\n"
         "_xgate() {\n"
         "  local -a commands\n"
         "  local xgate_path=\n"
         "  local -i i last=1\n"
         "  for (( i = 2; i < CURRENT; ++i )); do\n"
         "    case \"$xgate_path $words[i]\" in\n      ("
      << steps(tree)
      << ") xgate_path=${xgate_path:+$xgate_path }$words[i]; last=i ;;\n"
         "    esac\n"
         "  done\n"
         "  shift $(( last - 1 )) words\n"
         "  (( CURRENT -= last - 1 ))\n"
         "  case $xgate_path in\n";
  for (const CommandNode& node : tree) write_zsh_case(out, tree, node);
  out << "  esac\n"
         "}\n"
         "_xgate \"$@\"\n";
}

}  // namespace

Handler declare_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  add_choice(app, "shell", *shell, {"bash", "zsh"}, "whose completion · 哪种 shell")->required();
  return [&app, shell](const Context& context) -> Outcome {
    const Nodes tree = command_tree(app);
    std::ostringstream script;
    *shell == "bash" ? write_bash(script, tree) : write_zsh(script, tree);
    context.env.out.document(script.str());
    return {};
  };
}

}  // namespace xgate::cli
