// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/environment.hpp"
#include "cli/json.hpp"
#include "cli/simulate/replies.hpp"
#include "cli/simulate/tally.hpp"

namespace xgate::cli {

/// What many devices do, told to a person or a program: on a terminal one line that is written
/// again and again, in a pipe a line now and then, with --json an object a second; what was wrong;
/// and a summary.
class FleetReport {
 public:
  FleetReport(const Environment& env, bool json, const Tally& tally)
      : env_(env), json_(json), tally_(tally) {}

  /// Called often; prints when it is time.
  void look(std::chrono::steady_clock::duration elapsed);
  void fault(const std::string& device, const Fault& what);
  void frame(const std::string& device, const char* mark, const std::string& topic,
             const std::string& payload);
  void finish(std::chrono::steady_clock::duration elapsed);

 private:
  void look_at_connections(std::chrono::steady_clock::duration elapsed);
  std::string said(std::string_view sentence) const { return texts::in(env_.language, sentence); }
  std::string counted(std::int64_t number, const char* what) const;
  std::string line() const;
  Json object(const char* name, std::chrono::steady_clock::duration elapsed) const;
  void print(const printable::Line& line);
  void print_object(const Json& object);
  void clear_line();

  const Environment& env_;
  bool json_;
  const Tally& tally_;
  std::chrono::steady_clock::duration next_{0};
  bool line_stands_ = false;
  /// From the first device that lost its connection until none is without.
  struct Outage {
    std::chrono::steady_clock::duration began{0};
    std::int64_t given_up = 0;  ///< before it
  };
  std::optional<Outage> outage_;
  /// Of a kind are faults with one requirement and one reason, whatever numbers and texts are in
  /// it.
  struct Kind {
    std::string device;  ///< where the first was met
    Fault first;
    std::int64_t count = 0;
  };
  std::string kind_line(const Kind& kind) const;
  std::vector<const Kind*> kinds() const;  ///< the most frequent first
  std::map<std::string, Kind> kinds_;
  std::int64_t faults_told_ = 0;
};

}  // namespace xgate::cli
