// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// PROP-1: values by the product's thing model.
store::FlowResult property_report(const store::OpenedMessage& message);

}  // namespace xgate::flows
