// SPDX-License-Identifier: Apache-2.0
#include "service/script/sandbox.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <memory>

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace xgate::script {
namespace {

constexpr rlim_t kept_scripts_bytes = rlim_t{96} << 20U;
constexpr rlim_t stack_bytes = rlim_t{64} << 20U;
// The service replaces a process long before; this ends one that it has lost sight of.
constexpr rlim_t processor_s = 3600;

std::string failed(const char* what, int error) {
  return std::string(what) + ": " + std::strerror(error);  // NOLINT(concurrency-mt-unsafe): one
}

bool limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  return setrlimit(static_cast<__rlimit_resource>(resource), &value) == 0;
}

/// How many bytes of addresses this process has now: libraries, mostly.
rlim_t addresses_now() {
  long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%ld", &pages) != 1) {  // NOLINT(cert-err34-c): a number, or nothing
      pages = 0;
    }
    std::fclose(file);
  }
  return static_cast<rlim_t>(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

std::string limit_resources(int memory_mb) {
  rlimit stack{};
  getrlimit(RLIMIT_STACK, &stack);
  stack.rlim_cur = std::min<rlim_t>(stack.rlim_max, stack_bytes);
  bool done = setrlimit(RLIMIT_STACK, &stack) == 0;
  const rlim_t addresses = addresses_now();
  done = done && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0) &&
         limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CPU, processor_s);
  if (done && !sandbox_is_relaxed && addresses > 0) {
    done = limit(RLIMIT_AS, addresses + kept_scripts_bytes + stack_bytes +
                                (static_cast<rlim_t>(memory_mb) << 20U));
  }
  return done ? "" : failed("the limits of resources cannot be set", errno);
}

/// seccomp: what is not named here kills the process.
std::string filter_calls(int channel) {
  using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (!filter) {
    return "no filter of system calls can be made";
  }
  const auto fd = static_cast<scmp_datum_t>(channel);
  int error = 0;
  const auto allow = [&](int call, std::initializer_list<scmp_arg_cmp> arguments) {
    const int added =
        seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call,
                               static_cast<unsigned>(arguments.size()), arguments.begin());
    error = error == 0 ? added : error;
  };
  allow(SCMP_SYS(read), {{0, SCMP_CMP_EQ, fd, 0}});
  allow(SCMP_SYS(write), {{0, SCMP_CMP_EQ, fd, 0}});
  for (const int call :
       {SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
        SCMP_SYS(clock_gettime), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap)}) {
    allow(call, {});
  }
  // Memory, but nothing that could be executed.
  allow(SCMP_SYS(mmap), {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
                         {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}});
  if (error == 0) {
    error = seccomp_load(filter.get());
  }
  return error == 0 ? "" : failed("system calls cannot be filtered", -error);
}

}  // namespace

std::string enter_sandbox(int channel, int memory_mb) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return failed("privileges cannot be given up", errno);
  }
  if (auto problem = limit_resources(memory_mb); !problem.empty()) {
    return problem;
  }
  return sandbox_is_relaxed ? "" : filter_calls(channel);
}

}  // namespace xgate::script
