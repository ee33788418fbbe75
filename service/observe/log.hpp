// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xgate::observe {

/// Sets spdlog's default logger up: standard error, `format` "text" or "json" (one object a line:
/// time, level, message), `level` as spdlog names it. Everyone logs by spdlog::info(…) and the
/// like.
void set_up_log(const std::string& format, const std::string& level);

}  // namespace xgate::observe
