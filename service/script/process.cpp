// SPDX-License-Identifier: Apache-2.0
#include "service/script/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xgate::script {
namespace {

std::string error_text(const char* what, int error) {
  return std::string(what) + ": " + std::system_category().message(error);
}

/// The words of posix_spawn's file actions and attributes, with their ends.
class Spawning {
 public:
  Spawning() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;

  int run(const std::vector<std::string>& command, int channel, pid_t& pid) {
    int error = posix_spawn_file_actions_adddup2(&actions_, channel, STDIN_FILENO);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
      error |= posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_WRONLY, 0);
    }
    error |= posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t none;
    sigemptyset(&none);
    error |= posix_spawnattr_setsigmask(&attributes_, &none);
    error |= posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    if (error != 0) {
      return ENOMEM;
    }
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) {
      words.push_back(const_cast<char*>(word.c_str()));  // posix_spawn does not write there
    }
    words.push_back(nullptr);
    std::array<char*, 1> no_environment{nullptr};
    return posix_spawn(&pid, words.front(), &actions_, &attributes_, words.data(),
                       no_environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

tl::expected<std::unique_ptr<Process>, std::string> Process::start(
    const std::vector<std::string>& command) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return tl::unexpected(error_text("no socket pair", errno));
  }
  pid_t pid = 0;
  const int error = Spawning().run(command, pair[1], pid);
  close(pair[1]);
  if (error != 0) {
    close(pair[0]);
    return tl::unexpected(error_text(command.front().c_str(), error));
  }
  fcntl(pair[0], F_SETFL, O_NONBLOCK);
  return std::unique_ptr<Process>(new Process(pair[0], pid));
}

Process::Process(int socket, pid_t pid) noexcept : socket_(socket), pid_(pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) == 0) {
    clock_ = clock;
  }
}

Process::~Process() {
  kill();
  while (!reaped_ && waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(socket_);
}

void Process::kill() noexcept {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
  }
}

bool Process::has_ended() noexcept {
  reaped_ = reaped_ || waitpid(pid_, nullptr, WNOHANG) == pid_;
  return reaped_;
}

bool Process::send(std::string bytes) {
  if (unsent_.empty()) {
    unsent_ = std::move(bytes);
  } else {
    unsent_ += bytes;
  }
  return flush();
}

bool Process::flush() {
  std::size_t sent = 0;
  bool alive = true;
  while (sent < unsent_.size()) {
    const ssize_t put = ::send(socket_, unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (put > 0) {
      sent += static_cast<std::size_t>(put);
      continue;
    }
    if (errno == EINTR) {
      continue;
    }
    alive = errno == EAGAIN;
    break;
  }
  unsent_.erase(0, sent);
  return alive;
}

bool Process::receive(std::vector<Answer>& answers) {
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      reader_.feed({buffer.data(), static_cast<std::size_t>(got)});
      while (auto answer = reader_.next()) {
        answers.push_back(std::move(*answer));
      }
      if (reader_.broken()) {
        return false;
      }
      if (static_cast<std::size_t>(got) < buffer.size()) {
        return true;
      }
      continue;
    }
    if (got < 0 && errno == EINTR) {
      continue;
    }
    return got < 0 && errno == EAGAIN;
  }
}

std::int64_t Process::processor_us() const noexcept {
  timespec used{};
  if (!clock_ || clock_gettime(*clock_, &used) != 0) {
    return 0;
  }
  return used.tv_sec * 1'000'000 + used.tv_nsec / 1000;
}

}  // namespace xgate::script
