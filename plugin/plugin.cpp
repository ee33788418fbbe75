// SPDX-License-Identifier: Apache-2.0
#include "plugin/plugin.hpp"

#include <chrono>
#include <utility>

#include "clock/unix_ms.hpp"

namespace xgate::plugin {

const Clock system_clock{
    clock::unix_ms,
    []() noexcept { return std::chrono::steady_clock::now(); },
};

Plugin::Plugin(Options the_options, Accounts the_accounts, const Clock& the_clock)
    : options(std::move(the_options)),
      clock(the_clock),
      accounts(std::move(the_accounts)),
      outbox(options.broker_id, clock.unix_ms()),
      started(clock.steady()) {}

std::int64_t steady_ms(const Plugin& plugin) noexcept {
  using std::chrono::duration_cast;
  return duration_cast<std::chrono::milliseconds>(plugin.clock.steady().time_since_epoch()).count();
}

void adopt_directory(Plugin& plugin) {
  const auto changes = plugin.directory.adopt();
  if (!changes) return;
  for (const auto& [key, read_at] : changes->devices) {
    const auto device = plugin.directory.device(key);
    if (!device) {
      plugin.marks.forget(key);
    } else if (plugin.sessions.of_device(Session::Kind::device, key) == nullptr) {
      plugin.marks.forget_if_reset(key, *device);
    }
    plugin.revocation.devices.push_back(key);
  }
  if (changes->products || changes->all_devices) plugin.revocation.judge_everybody();
  plugin.kicks.insert(plugin.kicks.end(), changes->kicks.begin(), changes->kicks.end());
  for (const auto& key : changes->unlocks) plugin.guard.forgive(key.product_id(), key.node_eui());
}

}  // namespace xgate::plugin
