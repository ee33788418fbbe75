// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/report_rules.hpp"
#include "service/store/effects.hpp"

namespace xgate::store {

/// By what the message's values are judged.
inline protocol::ReportRules report_rules(const OpenedMessage& message) {
  const auto model = message.state.models.find(message.product.product_id);
  return {.model = model == message.state.models.end() ? nullptr : model->second.get(),
          .keep = message.product.keep_violations};
}

}  // namespace xgate::store
