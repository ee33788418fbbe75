// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/script/arena.hpp"
#include "service/script/batch.hpp"

namespace xgate::script {

struct Limits {
  int time_ms = 50;    ///< of the processor, a call
  int memory_mb = 16;  ///< a call, the loaded script included
};

/// Runs scripts, inside a script process. The whole heap of JavaScript lives in one arena. A script
/// is loaded once and a copy of the arena kept; every call begins with that copy, so that none sees
/// anything of another, and costs a copy of some 100 kB instead of a new heap.
class Interpreter {
 public:
  explicit Interpreter(Limits limits);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  /// What the slot is to run from now on; loaded at the first call.
  void set(std::size_t slot, std::string_view source);
  /// `at_ms`: the time of the script's clock.
  Answer run(std::size_t slot, Call::Function function, std::string_view input, std::int64_t at_ms);

 private:
  using Copy = std::vector<std::byte>;
  struct Slot {
    std::string source;
    Copy loaded;  ///< empty: not loaded yet
  };
  /// A call on its way through Duktape, whose errors leap over everything: plain data only.
  struct Run;

  void begin(const Copy& copy);
  Answer load(Slot& slot);
  Answer perform(Run& run);
  Answer failed(Run& run);
  std::string time_limit() const;

  const Limits limits_;
  std::byte* memory_ = nullptr;
  std::size_t memory_size_ = 0;
  Arena* arena_ = nullptr;
  void* heap_ = nullptr;  ///< Duktape's context, inside the arena
  Copy empty_;            ///< the heap before any script
  std::array<Slot, script_slots> slots_;
  std::string output_;
};

}  // namespace xgate::script
