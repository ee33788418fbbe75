// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_topic.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "protocol/topic.hpp"

namespace xgate::protocol {
namespace {

std::string as_lower(std::string_view text) {
  std::string changed(text);
  for (auto& c : changed) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return changed;
}

/// How many characters one must insert, remove or change to get from one to the other.
std::size_t edits_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const auto changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

struct OwnTopic {
  std::array<std::string_view, 3> ids;  ///< O, P, N as the topic has them
  std::string_view suffix;
};

/// "/sys/O/P/N/suffix", whatever the case of sys and whether or not the first slash is there.
bool take_apart(std::string_view topic, OwnTopic& parts) {
  if (topic.starts_with('/')) topic.remove_prefix(1);
  const auto next = [&topic] {
    const auto level = topic.substr(0, topic.find('/'));
    topic.remove_prefix(std::min(topic.size(), level.size() + 1));
    return level;
  };
  if (as_lower(next()) != "sys") return false;
  for (auto& id : parts.ids) id = next();
  parts.suffix = topic;
  return !parts.ids[2].empty();
}

std::string explain_identity(const OwnTopic& topic, const IdentityView& device) {
  constexpr std::array names{"OpenID", "ProductID", "NodeEui"};
  const std::array own{device.open_id, device.product_id, device.node_eui};
  if (topic.ids[0] == own[1] && topic.ids[1] == own[0]) {
    return "OpenID and ProductID are swapped in the topic";
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto& id = topic.ids[i];
    if (id == own[i] || own[i].empty()) continue;
    if (id == "+" || id == "#")
      return "a wildcard stands in the place of the " + std::string(names[i]);
    if (as_lower(id) == as_lower(own[i])) {
      return "the " + std::string(names[i]) + " in the topic is in another case than the login's";
    }
    return "the " + std::string(names[i]) + " in the topic is not the login's, " +
           std::string(own[i]);
  }
  return {};
}

/// The row whose name is nearest; nothing where none is near.
const TopicRow* nearest_row(std::string_view suffix) {
  constexpr std::size_t near = 2;
  constexpr std::size_t longest = 64;
  if (suffix.size() > longest) return nullptr;
  const TopicRow* best = nullptr;
  std::size_t fewest = near + 1;
  for (const auto& row : topic_table()) {
    if (row.suffix.size() <= 2 * near) continue;  // "", and nothing else
    const auto edits = edits_between(suffix, row.suffix);
    if (edits < fewest) {
      fewest = edits;
      best = &row;
    }
  }
  return best;
}

std::string_view without_ends(std::string_view suffix) {
  const auto begin = suffix.find_first_not_of(" /\t\r\n");
  if (begin == std::string_view::npos) return {};
  return suffix.substr(begin, suffix.find_last_not_of(" /\t\r\n") - begin + 1);
}

TopicExplanation explain_suffix(std::string_view suffix) {
  const auto bare = without_ends(suffix);
  if (const auto match = match_filter_suffix(bare); match && bare.size() < suffix.size()) {
    const bool blank = suffix.find_first_of(" \t\r\n") != std::string_view::npos;
    return {blank ? "a blank or line break stands before or behind the topic's name"
                  : "a / too many stands before or behind the topic's name",
            row_of(match->name).requirement};
  }
  for (const auto& row : topic_table()) {
    if (!row.suffix.empty() && as_lower(bare) == row.suffix) {
      return {"the topic's name is in another case, write " + std::string(row.suffix),
              row.requirement};
    }
  }
  const auto longer = "model/" + std::string(bare);
  if (const auto match = match_filter_suffix(longer)) {
    return {"model/ is missing in the topic, write " + longer, row_of(match->name).requirement};
  }
  if (const auto* row = nearest_row(bare)) {
    return {"did you mean " + std::string(row->suffix) + "?", row->requirement};
  }
  return {};
}

}  // namespace

TopicExplanation explain_topic(std::string_view topic, const IdentityView& device) {
  OwnTopic parts;
  if (!take_apart(topic, parts)) {
    if (const auto match = match_filter_suffix(without_ends(topic))) {
      return {"the topic lacks /sys/OpenID/ProductID/NodeEui in front",
              row_of(match->name).requirement};
    }
    return {};
  }
  auto explanation = explain_suffix(parts.suffix);
  if (const auto match = match_filter_suffix(parts.suffix)) {
    explanation = {{}, row_of(match->name).requirement};
  }
  auto identity = explain_identity(parts, device);
  if (identity.empty()) return explanation;
  if (!explanation.text.empty()) identity += "; " + explanation.text;
  return {std::move(identity), explanation.requirement};
}

}  // namespace xgate::protocol
