// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

// Which commands a subscription lets through to its device.
namespace xgate::protocol {

/// Whether a filter, of which this is what follows "T/", covers a topic that commands go to.
/// Never allocates.
bool hears_commands(std::string_view filter_suffix) noexcept;
/// Those topics, as words: the name of the row; where the filter names one service,
/// "service_call/identifier".
std::vector<std::string> command_topics_heard(std::string_view filter_suffix);

}  // namespace xgate::protocol
