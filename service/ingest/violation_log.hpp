// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace xgate::ingest {

/// One line a violation: requirement, device, reason. A device that makes many gets a few lines
/// per ten seconds and then a count, so that it cannot drown the others. Not thread-safe: one a
/// worker.
class ViolationLog {
 public:
  void note(std::string_view device, std::string_view topic, std::string_view requirement,
            std::string_view reason, std::int64_t now_ms);

  /// Whether this one is to be written; `untold` gets how many were not since the last that was.
  bool admit(std::string_view device, std::int64_t now_ms, std::uint64_t& untold);

 private:
  struct Window {
    std::int64_t began_ms = 0;
    int lines = 0;
    std::uint64_t untold = 0;
  };
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace xgate::ingest
