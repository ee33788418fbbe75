// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/topic.hpp"

// Which commands a subscription lets through to its device.
namespace xgate::protocol {

/// Whether a filter, of which this is what follows "T/", covers a topic that commands go to.
/// Never allocates.
bool hears_commands(std::string_view filter_suffix) noexcept;
/// Those topics, as words: the name of the row; where the filter names one service,
/// "service_call/identifier".
std::vector<std::string> command_topics_heard(std::string_view filter_suffix);
/// Those of a filter that was given up which none of the others covers, each after a space, and a
/// space at the end; empty: there are none.
std::string command_topics_given_up(std::string_view filter_suffix,
                                    std::span<const std::string> others);
/// The words of whatever filter covers this topic, written in the same way.
std::string words_of_command_topic(TopicName name, std::string_view identifier);

}  // namespace xgate::protocol
