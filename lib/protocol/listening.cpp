// SPDX-License-Identifier: Apache-2.0
#include "protocol/listening.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "protocol/topic.hpp"

namespace xgate::protocol {
namespace {

constexpr std::array command_topics{
    TopicName::downlink,          TopicName::downlink_table, TopicName::ask_firmware,
    TopicName::ota_notify,        TopicName::ask_config,     TopicName::down_config,
    TopicName::down_config_table, TopicName::property_set,   TopicName::property_ask,
    TopicName::service_call,      TopicName::hex_downlink,
};

std::string_view take_level(std::string_view& rest, bool& more) noexcept {
  const auto slash = rest.find('/');
  more = slash != std::string_view::npos;
  const auto level = rest.substr(0, slash);
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return level;
}

struct Cover {
  bool covers = false;
  std::string_view identifier;  ///< where the filter names one
};
Cover cover(std::string_view filter, std::string_view pattern) noexcept {
  Cover result;
  for (;;) {
    bool more_filter = false;
    bool more_pattern = false;
    const auto wanted = take_level(filter, more_filter);
    result.covers = true;
    if (wanted == "#") return result;
    const auto level = take_level(pattern, more_pattern);
    if (level == identifier_mark && wanted != "+") {
      result.identifier = wanted;
    } else if (wanted != "+" && wanted != level) {
      return {};
    }
    if (!more_filter && !more_pattern) return result;
    if (!more_pattern && filter == "#") return result;  // "a/#" covers "a" as well
    if (!more_filter || !more_pattern) return {};
  }
}

}  // namespace

bool hears_commands(std::string_view filter_suffix) noexcept {
  return std::ranges::any_of(command_topics, [&](TopicName name) {
    return cover(filter_suffix, row_of(name).suffix).covers;
  });
}

std::vector<std::string> command_topics_heard(std::string_view filter_suffix) {
  std::vector<std::string> words;
  for (const auto name : command_topics) {
    const auto found = cover(filter_suffix, row_of(name).suffix);
    if (!found.covers) continue;
    std::string word(to_string(name));
    if (!found.identifier.empty()) {
      word += '/';
      word += found.identifier;
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::string command_topics_given_up(std::string_view filter_suffix,
                                    std::span<const std::string> others) {
  std::vector<std::string> kept;
  for (const auto& other : others)
    std::ranges::move(command_topics_heard(other), std::back_inserter(kept));
  std::string text;
  for (const auto& word : command_topics_heard(filter_suffix)) {
    if (std::ranges::find(kept, word) == kept.end()) text += ' ' + word;
  }
  if (!text.empty()) text += ' ';
  return text;
}

std::string words_of_command_topic(TopicName name, std::string_view identifier) {
  const std::string word(to_string(name));
  std::string text = ' ' + word + ' ';
  if (!identifier.empty()) text += word + '/' + std::string(identifier) + ' ';
  return text;
}

}  // namespace xgate::protocol
