// SPDX-License-Identifier: Apache-2.0
#include "cli/command_tree.hpp"

#include <algorithm>
#include <iterator>

#include <CLI/CLI.hpp>

namespace xgate::cli {
namespace {

const Command* row_of(const std::string& path) {
  const auto all = commands();
  const auto found = std::ranges::find(all, path, &Command::path);
  return found == all.end() ? nullptr : &*found;
}

void add_below(std::vector<CommandNode>& tree, const CLI::App& app, const std::string& path) {
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string own = (path.empty() ? "" : path + " ") + one->get_name();
    tree.push_back({own, one, row_of(own)});
    add_below(tree, *one, own);
  }
}

}  // namespace

std::vector<CommandNode> command_tree(const CLI::App& app) {
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  std::vector<CommandNode> tree{{"", root, nullptr}};
  add_below(tree, *root, "");
  return tree;
}

std::vector<CommandNode> below(const std::vector<CommandNode>& tree, std::string_view path) {
  std::vector<CommandNode> nodes;
  std::ranges::copy_if(tree, std::back_inserter(nodes), [path](const CommandNode& node) {
    if (path.empty()) return !node.path.empty() && node.path.find(' ') == std::string::npos;
    return node.path.size() > path.size() && node.path.starts_with(path) &&
           node.path[path.size()] == ' ';
  });
  return nodes;
}

}  // namespace xgate::cli
