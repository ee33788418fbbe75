// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/scenario.hpp"

#include <algorithm>

namespace xgate::cli {

bool Scenario::has_an_end() const noexcept {
  return !tasks.empty() &&
         std::none_of(tasks.begin(), tasks.end(), [](const Task& task) { return task.times == 0; });
}

}  // namespace xgate::cli
