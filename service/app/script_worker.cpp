// SPDX-License-Identifier: Apache-2.0
#include "service/app/script_worker.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/script/interpreter.hpp"
#include "service/script/sandbox.hpp"

namespace xgate::app {
namespace {

constexpr int channel = STDIN_FILENO;
// A batch gives way to other products' after this, and its answers wait no longer than this.
constexpr std::int64_t slice_us = 10'000;
constexpr std::int64_t answers_wait_us = 1'000;
constexpr std::size_t max_batch = std::size_t{8} << 20U;

std::int64_t processor_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

bool read_all(char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = read(channel, to, size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;  // the service has ended
    }
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(channel, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool read_batch(std::string& bytes) {
  std::uint32_t size = 0;
  if (!read_all(reinterpret_cast<char*>(&size), sizeof size) || size > max_batch) {
    return false;
  }
  bytes.resize(size);
  return read_all(bytes.data(), size);
}

/// Answers go out together where calls are short: what is lost with the process is only run again.
bool work_off(script::Interpreter& interpreter, const script::Batch& batch, std::string& answers) {
  const std::int64_t began = processor_us();
  std::int64_t told = began;
  for (const script::BatchCall& call : batch.calls) {
    const std::int64_t now = processor_us();
    if (now - began > slice_us) {
      append(answers, script::Answer{.kind = script::Answer::Kind::stopped, .text = {}});
      break;
    }
    if (now - told > answers_wait_us) {
      if (!write_all(answers)) {
        return false;
      }
      answers.clear();
      told = now;
    }
    const auto answer = interpreter.run(batch.slot, call.function, call.input, call.at_ms);
    append(answers, answer);
    if (answer.kind == script::Answer::Kind::limit && &call != &batch.calls.back()) {
      append(answers, script::Answer{.kind = script::Answer::Kind::stopped, .text = {}});
      break;
    }
  }
  const bool told_all = write_all(answers);
  answers.clear();
  return told_all;
}

/// For scripts that are served apart: whoever else wants the processor gets it first. Needs no
/// right; what does not work leaves it as it is. A session of its own, because Linux shares the
/// processor out among sessions before it looks at priorities ("autogroup").
void stand_back() {
  constexpr int priority = 5;
  setsid();
  for (int tries = 0; tries < 3; ++tries) {
    const int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (file < 0) {
      break;
    }
    const std::string text = std::to_string(priority);
    const bool again = write(file, text.data(), text.size()) < 0 && errno == EAGAIN;
    close(file);
    if (!again) {
      break;
    }
    usleep(100'000);  // one such change in that time, over all processes
  }
  setpriority(PRIO_PROCESS, 0, priority);
}

int serve_calls(script::Limits limits, const char* zone, bool apart) {
  // The service alone ends this process, also when a terminal or systemd signals the whole group.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    std::signal(signal, SIG_IGN);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (apart) {
    stand_back();
  }
  // Its file is read now: later no file can be opened.
  setenv("TZ", zone, 1);  // NOLINT(concurrency-mt-unsafe): the only thread
  tzset();
  script::Interpreter interpreter(limits);
  std::string batch_bytes;
  std::string answers;
  batch_bytes.reserve(max_batch / 8);
  if (const auto problem = script::enter_sandbox(channel, limits.memory_mb); !problem.empty()) {
    append(answers, script::Answer{.kind = script::Answer::Kind::error, .text = problem});
    write_all(answers);
    return EXIT_FAILURE;
  }
  append(answers, script::Answer{.kind = script::sandbox_is_relaxed ? script::Answer::Kind::relaxed
                                                                    : script::Answer::Kind::ready,
                                 .text = {}});
  if (!write_all(answers)) {
    return EXIT_SUCCESS;
  }
  answers.clear();
  while (read_batch(batch_bytes)) {
    const auto batch = script::decode_batch(batch_bytes);
    if (!batch) {
      return EXIT_FAILURE;
    }
    if (batch->source) {
      interpreter.set(batch->slot, *batch->source);
    }
    if (!work_off(interpreter, *batch, answers)) {
      return EXIT_SUCCESS;
    }
  }
  return EXIT_SUCCESS;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && value > 0;
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

int script_worker(std::span<char* const> arguments) {
  const bool apart = arguments.size() == 4 && std::string_view(arguments[3]) == script::apart_word;
  const bool complete = apart || arguments.size() == 3;
  const auto time_ms = complete ? number(arguments[0]) : std::nullopt;
  const auto memory_mb = complete ? number(arguments[1]) : std::nullopt;
  if (!time_ms || !memory_mb) {
    std::cerr << "xgate: script-worker is started by the service alone\n";
    return 2;
  }
  try {
    // No destructors, no exit handlers: they would need what the sandbox does not allow.
    _exit(serve_calls({.time_ms = *time_ms, .memory_mb = *memory_mb}, arguments[2], apart));
  } catch (const std::exception&) {
    _exit(EXIT_FAILURE);
  }
}

}  // namespace xgate::app
