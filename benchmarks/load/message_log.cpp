// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/message_log.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace xgate::benchmarks {

tl::expected<MessageLog, std::string> MessageLog::open(const std::string& path) {
  if (path.empty()) return MessageLog(-1);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return tl::unexpected(path + ": " + std::generic_category().message(errno));
  return MessageLog(file);
}

MessageLog::MessageLog(MessageLog&& other) noexcept
    : file_(std::exchange(other.file_, -1)), held_(std::move(other.held_)) {}

MessageLog::~MessageLog() {
  flush();
  if (file_ >= 0) ::close(file_);
}

void MessageLog::note(std::string_view what, std::string_view device, std::uint32_t message_id) {
  if (file_ < 0) return;
  held_ += what;
  held_ += device;
  held_ += ' ';
  held_ += std::to_string(message_id);
  held_ += '\n';
}

bool MessageLog::flush() {
  std::string_view rest = held_;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  held_.clear();
  return true;
}

}  // namespace xgate::benchmarks
