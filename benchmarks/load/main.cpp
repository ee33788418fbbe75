// SPDX-License-Identifier: Apache-2.0
// xgate-load: plays many devices against a broker. README.md says how.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <sys/prctl.h>
#include <unistd.h>

#include "benchmarks/load/command_line.hpp"
#include "benchmarks/load/generator.hpp"
#include "benchmarks/load/message_log.hpp"

namespace {

using namespace xgate::benchmarks;

std::atomic<bool> stop = false;

extern "C" void on_signal(int /*number*/) { stop.store(true, std::memory_order_relaxed); }

/// Ends in good order on INT and TERM, and when the process that started it is gone.
void guard(pid_t parent) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // an open loop's times are meant
  if (::getppid() != parent) stop = true;
}

tl::expected<DeviceList, std::string> read_devices(const Options& options) {
  const std::string& path = options.rule_file.empty() ? options.devices_file : options.rule_file;
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return tl::unexpected(path + ": cannot be read");
  const auto in_file = [&](const std::string& fault) { return path + ": " + fault; };
  if (!options.rule_file.empty()) {
    auto rule = parse_rule(text.str());
    if (!rule) return tl::unexpected(in_file(rule.error()));
    return DeviceList(std::move(*rule));
  }
  auto devices = parse_devices(text.str());
  if (!devices) return tl::unexpected(in_file(devices.error()));
  return DeviceList(std::move(*devices));
}

int fail(const std::string& sentence) {
  std::fprintf(stderr, "xgate-load: %s\n", sentence.c_str());
  return 1;
}

int play(const Options& options) {
  const auto devices = read_devices(options);
  if (!devices) return fail(devices.error());
  auto log = MessageLog::open(options.log_file);
  if (!log) return fail(log.error());
  Generator generator(options, *devices, *log, stop);
  const auto result = generator.run();
  if (!result) return fail(result.error());
  std::puts(to_json(options, *result).c_str());
  return result->counters.logins == 0 ? fail("nobody could log in") : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const pid_t parent = ::getppid();
  int status = 0;
  try {
    const auto options = xgate::benchmarks::parse_command_line(argc, argv, status);
    if (!options) return status;
    guard(parent);
    return play(*options);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
