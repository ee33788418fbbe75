// SPDX-License-Identifier: Apache-2.0
#include "service/script/engine.hpp"

#include <future>
#include <utility>

namespace xgate::script {

Outcome Engine::run_and_wait(Call call) {
  // Held by both sides: the one that waits may be gone before set_value has returned.
  const auto promise = std::make_shared<std::promise<Outcome>>();
  auto outcome = promise->get_future();
  run(std::move(call), [promise](Outcome made) { promise->set_value(std::move(made)); });
  return outcome.get();
}

}  // namespace xgate::script
