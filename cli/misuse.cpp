// SPDX-License-Identifier: Apache-2.0
#include "cli/misuse.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/help.hpp"

namespace xgate::cli {
namespace {

/// How many letters have to be put in, left out, replaced, or swapped with their neighbour.
std::size_t edits_between(std::string_view typed, std::string_view known) {
  const std::size_t width = known.size() + 1;
  std::vector<std::vector<std::size_t>> edits(typed.size() + 1, std::vector<std::size_t>(width));
  std::iota(edits[0].begin(), edits[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= typed.size(); ++i) {
    edits[i][0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t replaced = edits[i - 1][j - 1] + (typed[i - 1] == known[j - 1] ? 0 : 1);
      edits[i][j] = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, replaced});
      const bool swapped =
          i > 1 && j > 1 && typed[i - 1] == known[j - 2] && typed[i - 2] == known[j - 1];
      if (swapped) edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  }
  return edits.back().back();
}

/// " (did you mean …?)", or nothing where no known word is near.
std::string suggestion(std::string_view typed, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(typed.size() / 3, 1) + 1;
  for (const std::string& word : known) {
    const bool begins = typed.size() >= 3 && word.starts_with(typed);
    const std::size_t edits = begins ? 0 : edits_between(typed, word);
    if (edits >= least) continue;
    least = edits;
    nearest = &word;
  }
  return nearest == nullptr ? std::string() : " (did you mean " + *nearest + "?)";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(one->get_name());
  }
  return names;
}

std::string about_a_word(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    return "there is no option " + name + suggestion(name, option_names(app));
  }
  if (!is_group(app)) return '"' + word + "\" is one word too many";
  const std::string parent = app.get_parent() == nullptr ? "" : app.get_name() + " ";
  return "there is no command \"" + parent + word + '"' + suggestion(word, command_names(app));
}

/// "A excludes B" as a pair.
std::optional<std::pair<std::string, std::string>> around(std::string_view sentence,
                                                          std::string_view verb) {
  const auto at = sentence.find(verb);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair(std::string(sentence.substr(0, at)),
                   std::string(sentence.substr(at + verb.size())));
}

std::string about_options(const CLI::App& app, const CLI::ParseError& error) {
  std::string what = error.what();
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    if (const auto both = around(what, " excludes ")) {
      return both->first + " does not go with " + both->second;
    }
  }
  if (dynamic_cast<const CLI::RequiresError*>(&error) != nullptr) {
    if (const auto both = around(what, " requires ")) return both->first + " needs " + both->second;
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string name = what.substr(0, what.find(':'));
    if (const CLI::Option* option = app.get_option_no_throw(name); option != nullptr) {
      return name + " needs a value: " + name + " " + option->get_type_name();
    }
  }
  return what;
}

}  // namespace

std::string misuse_sentence(const CLI::App& app, const CLI::ParseError& error) {
  // CLI11 names what is missing; the word that stands in its place, or before it, says more.
  for (const CLI::App* one = &app; one != nullptr; one = one->get_parent()) {
    const std::vector<std::string> left = one->remaining();
    if (!left.empty()) return about_a_word(*one, left.front());
  }
  const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (is_group(app) && required) return "a command is missing";
  return about_options(app, error);
}

std::string where_help_is(const CLI::App& app) {
  std::string words;
  for (const CLI::App* one = &app; one != nullptr; one = one->get_parent()) {
    words.insert(0, one->get_name() + " ");
  }
  return "see: " + words + "--help";
}

}  // namespace xgate::cli
