// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

namespace xgate::plugin {

/// plugin_opt_alive_file: the broker's loop writes the time (seconds since 1970, ten digits and a
/// line break) into a file once a second, so that others see whether it turns without connecting.
/// The file is mapped: a beat is a store to memory and waits for nothing.
class Heartbeat {
 public:
  Heartbeat() noexcept = default;
  ~Heartbeat();
  Heartbeat(Heartbeat&& other) noexcept;
  Heartbeat& operator=(Heartbeat&& other) noexcept;
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// An empty path: a heartbeat that nobody sees.
  static tl::expected<Heartbeat, std::string> open(const std::string& path);
  void beat(std::int64_t unix_ms) noexcept;

 private:
  static constexpr std::size_t digits = 10;
  static constexpr std::size_t size = digits + 1;

  char* text_ = nullptr;  ///< the mapped file
  std::int64_t second_ = 0;
};

}  // namespace xgate::plugin
