// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/script/engine.hpp"

// What the service and a script process say to each other, on one socket pair and one machine.
namespace xgate::script {

/// The most that a call may take in, and give out.
inline constexpr std::size_t max_input = std::size_t{1} << 20U;
inline constexpr std::size_t max_output = std::size_t{256} << 10U;
inline constexpr std::size_t max_error = 500;
/// What is kept of that which a call prints.
inline constexpr std::size_t max_printed = 2'000;
/// The last word of a script process' command where it is the one for what is served apart.
inline constexpr const char* apart_word = "apart";
/// How many scripts a process keeps ready.
inline constexpr std::size_t script_slots = 16;

/// Calls of one script. Its source comes with the first batch after another script's had the slot.
struct BatchCall {
  Call::Function function = Call::Function::raw_data_to_protocol;
  std::string_view input;
  std::int64_t at_ms = 0;  ///< Call::at_ms
};
struct Batch {
  std::size_t slot = 0;
  std::optional<std::string_view> source;
  std::vector<BatchCall> calls;
};

std::string encode(const Batch& batch);
/// Of a whole batch, without its length. The views point into `bytes`.
std::optional<Batch> decode_batch(std::string_view bytes);

/// One answer a call, in order.
struct Answer {
  enum class Kind : std::uint8_t {
    ready,    ///< the process has locked itself in: said once, first
    relaxed,  ///< the same of a sanitized build, whose runtime needs more than the sandbox allows
    result,
    error,    ///< `text` is why
    limit,    ///< the same, and the script used up what a call may use
    stopped,  ///< this call and the rest of the batch were not run: they have to be sent again
  };
  Kind kind = Kind::result;
  std::uint64_t time_ns = 0;
  std::uint32_t memory_bytes = 0;
  std::string text;
  std::string printed = {};
};
void append(std::string& bytes, const Answer& answer);

/// Takes apart what comes from a process that a script may have subverted: whatever it writes, it
/// gives answers of bounded size, or says that it is broken.
class AnswerReader {
 public:
  void feed(std::string_view bytes) { bytes_.append(bytes); }
  std::optional<Answer> next();
  bool broken() const noexcept { return broken_; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

/// A sentence as it may stand in an ack: valid UTF-8, one line, not too long.
std::string clean_sentence(std::string_view text);
/// What a call printed, as lines of valid UTF-8.
std::string clean_lines(std::string_view text);

}  // namespace xgate::script
