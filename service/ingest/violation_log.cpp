// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/violation_log.hpp"

#include "service/observe/log.hpp"

namespace xgate::ingest {
namespace {

constexpr std::int64_t window_ms = 10'000;
constexpr int lines_a_window = 5;
constexpr std::size_t devices_remembered = 10'000;

}  // namespace

bool ViolationLog::admit(std::string_view device, std::int64_t now_ms, std::uint64_t& untold) {
  if (windows_.size() >= devices_remembered) {
    windows_.clear();  // bounded; the worst of it is a few lines too many
  }
  Window& window = windows_[std::string(device)];
  untold = 0;
  if (now_ms - window.began_ms >= window_ms || now_ms < window.began_ms) {
    untold = window.untold;
    window = Window{.began_ms = now_ms};
  }
  if (window.lines >= lines_a_window) {
    ++window.untold;
    return false;
  }
  ++window.lines;
  return true;
}

void ViolationLog::note(std::string_view device, std::string_view topic,
                        std::string_view requirement, std::string_view reason,
                        std::int64_t now_ms) {
  std::uint64_t untold = 0;
  if (!admit(device, now_ms, untold)) {
    return;
  }
  if (untold > 0) {
    observe::warn("violation {} device={} topic={} reason={} ({} more not shown before)",
                  observe::Words(requirement), observe::Quoted(device), observe::Quoted(topic),
                  observe::Quoted(reason), untold);
  } else {
    observe::warn("violation {} device={} topic={} reason={}", observe::Words(requirement),
                  observe::Quoted(device), observe::Quoted(topic), observe::Quoted(reason));
  }
}

}  // namespace xgate::ingest
