// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "protocol/identity.hpp"

namespace xgate::protocol {

/// TRACE-1: what is usually wrong with a topic or filter that was refused to `device`.
struct TopicExplanation {
  std::string text;              ///< empty: nothing usual
  std::string_view requirement;  ///< the row that was meant; empty: none can be told
};
TopicExplanation explain_topic(std::string_view topic, const IdentityView& device);

}  // namespace xgate::protocol
