// SPDX-License-Identifier: Apache-2.0
#include "plugin/heartbeat.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace xgate::plugin {

tl::expected<Heartbeat, std::string> Heartbeat::open(const std::string& path) {
  Heartbeat heartbeat;
  if (path.empty()) return heartbeat;
  const auto refuse = [&path] {
    return tl::make_unexpected("plugin_opt_alive_file: cannot write " + path + ": " +
                               std::generic_category().message(errno));
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return refuse();
  void* mapped = MAP_FAILED;
  int problem = ::ftruncate(file, size) == 0 ? 0 : errno;
  // Its place on the disk before it is written to: a store into a page that finds none is a SIGBUS.
  if (problem == 0) problem = ::posix_fallocate(file, 0, size);
  if (problem == 0) {
    mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    problem = errno;
  }
  (void)::close(file);
  errno = problem;
  if (mapped == MAP_FAILED) return refuse();
  heartbeat.text_ = static_cast<char*>(mapped);
  std::memset(heartbeat.text_, '0', digits);
  heartbeat.text_[digits] = '\n';
  return heartbeat;
}

Heartbeat::~Heartbeat() {
  if (text_ != nullptr) (void)::munmap(text_, size);
}

Heartbeat::Heartbeat(Heartbeat&& other) noexcept
    : text_(std::exchange(other.text_, nullptr)), second_(other.second_) {}

Heartbeat& Heartbeat::operator=(Heartbeat&& other) noexcept {
  std::swap(text_, other.text_);
  std::swap(second_, other.second_);
  return *this;
}

void Heartbeat::beat(std::int64_t unix_ms) noexcept {
  const std::int64_t second = unix_ms / 1000;
  if (text_ == nullptr || second == second_) return;
  second_ = second;
  std::array<char, digits> text{};
  std::int64_t rest = second;
  for (std::size_t at = digits; at-- > 0; rest /= 10)
    text.at(at) = static_cast<char>('0' + rest % 10);
  std::memcpy(text_, text.data(), digits);
}

}  // namespace xgate::plugin
