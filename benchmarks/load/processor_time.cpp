// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/processor_time.hpp"

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace xgate::benchmarks {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

double thread_seconds(const fs::path& thread) {
  const double exact = schedstat_seconds(content(thread / "schedstat"));
  if (exact >= 0) return exact;
  const double coarse =
      stat_seconds(content(thread / "stat"), static_cast<double>(::sysconf(_SC_CLK_TCK)));
  return coarse < 0 ? 0 : coarse;  // it has just ended
}

std::vector<int> children_of(const fs::path& thread) {
  std::istringstream text(content(thread / "children"));
  std::vector<int> children;
  for (int child = 0; text >> child;) children.push_back(child);
  return children;
}

}  // namespace

double processor_seconds(int pid) {
  double sum = 0;
  std::error_code error;
  fs::directory_iterator threads("/proc/" + std::to_string(pid) + "/task", error);
  while (!error && threads != fs::directory_iterator()) {
    const fs::path thread = threads->path();
    sum += thread_seconds(thread);
    for (const int child : children_of(thread)) sum += processor_seconds(child);
    threads.increment(error);
  }
  return sum;
}

double schedstat_seconds(std::string_view line) noexcept {
  std::uint64_t nanoseconds = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), nanoseconds);
  return error == std::errc{} ? static_cast<double>(nanoseconds) / 1e9 : -1;
}

double stat_seconds(std::string_view line, double ticks_per_second) noexcept {
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  if (name_end == std::string_view::npos) return -1;
  line.remove_prefix(name_end + 1);
  double ticks = 0;
  int field = 2;
  while (field < 15) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) return -1;
    line.remove_prefix(start);
    ++field;
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    if (field < 14) continue;
    std::uint64_t value = 0;
    if (std::from_chars(word.data(), word.data() + word.size(), value).ec != std::errc{}) return -1;
    ticks += static_cast<double>(value);
  }
  return ticks / ticks_per_second;
}

}  // namespace xgate::benchmarks
