// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <time.h>
#include <tl/expected.hpp>

#include "service/script/batch.hpp"

namespace xgate::script {

/// One script process, from the service's side. It inherits nothing: no environment, no descriptor
/// but its end of the socket pair. Made and used by one thread, which it dies with.
class Process {
 public:
  /// Starts `command` (its first word is the path).
  static tl::expected<std::unique_ptr<Process>, std::string> start(
      const std::vector<std::string>& command);
  ~Process();  ///< kills it, and waits for its end
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Kills it, and does not wait: one that stands back from the processor takes its time to die.
  void kill() noexcept;
  bool has_ended() noexcept;

  int descriptor() const noexcept { return socket_; }
  bool wants_to_write() const noexcept { return !unsent_.empty(); }
  /// What the socket does not take at once is kept for flush(). False: the process is gone.
  bool send(std::string bytes);
  bool flush();
  /// What has come. False: the process is gone, or writes what makes no sense.
  bool receive(std::vector<Answer>& answers);

  /// How long it has used a processor, on its own clock: a busy machine condemns nobody.
  std::int64_t processor_us() const noexcept;

 private:
  Process(int socket, pid_t pid) noexcept;
  const int socket_;
  const pid_t pid_;
  bool reaped_ = false;
  std::optional<clockid_t> clock_;
  std::string unsent_;
  AnswerReader reader_;
};

}  // namespace xgate::script
