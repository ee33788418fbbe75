// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "protocol/identity.hpp"

namespace xgate::script {
class Engine;
}
namespace xgate::firmware {
class ContentStore;
}

namespace xgate::api {

/// One part of the service as /readyz tells it.
struct Component {
  std::string name;  ///< "broker_uplinks"
  bool ready = false;
  std::string detail;  ///< one sentence: why not, or what an operator should know all the same
};

/// What the API asks of the rest of the service. Called from the API's worker threads: the
/// callee moves itself to where it belongs. Each may be empty.
struct Actions {
  /// The state of everything but the API's own database connections, which it adds itself.
  std::function<std::vector<Component>()> components;
  /// Sets the gauges that are only known when somebody asks.
  std::function<void()> measure = {};
  /// A command was queued: it may have to leave now.
  std::function<void()> commands_due;
  /// A command was settled by a request: whoever waits for it is to look.
  std::function<void(std::int64_t command_id)> command_settled;
  /// [commands] ttl_s: of a command that names none.
  std::int64_t command_ttl_s = 86400;
  /// Runs parsing scripts (HEX-4).
  script::Engine* scripts = nullptr;
  /// Where firmware images are kept; null: nowhere.
  const firmware::ContentStore* firmware = nullptr;
};

}  // namespace xgate::api
