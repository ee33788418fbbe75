// SPDX-License-Identifier: Apache-2.0
#include "plugin/open_files.hpp"

#include <cerrno>
#include <system_error>

#include <sys/resource.h>

namespace xgate::plugin {
namespace {

/// As systemd leaves it and a little more: who has no more than this will run out of it.
constexpr rlim_t few = 4096;

}  // namespace

OpenFiles raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return {LogLevel::warning,
            "the limit of open files is unknown: " + std::system_category().message(errno)};
  }
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  std::string text = std::to_string(limit.rlim_cur) + " open files are allowed, a connection each";
  if (limit.rlim_cur > before) text += " (raised from " + std::to_string(before) + ")";
  if (limit.rlim_cur > few) return {LogLevel::info, text};
  return {LogLevel::warning, text +
                                 "; devices beyond that cannot connect: raise LimitNOFILE= of the "
                                 "broker's unit, or ulimit -Hn"};
}

}  // namespace xgate::plugin
