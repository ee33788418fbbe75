// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace xgate::script {

/// A product's parsing script (HEX-4), as it stands in the database.
struct Program {
  /// Whose calls wait for one another and share the blame; empty: somebody who tries a script out.
  std::string product_id;
  std::int64_t version = 0;
  std::shared_ptr<const std::string> source;
};

struct Call {
  enum class Function : std::uint8_t {
    raw_data_to_protocol,  ///< input: bytes; output: compact JSON, an object
    protocol_to_raw_data,  ///< input: compact JSON; output: bytes
    load,                  ///< whether the script can be loaded at all; no input, no output
  };
  Program program;
  Function function = Function::raw_data_to_protocol;
  std::string input;
  std::string caller = {};  ///< whose message it is: the NodeEui; empty: an application's
  /// Unix milliseconds: when it was received, the time of the script's clock.
  std::int64_t at_ms = 0;
};

struct Outcome {
  /// Made by what a script may have subverted: JSON is still to be read with protocol::parse_json.
  std::string output;
  std::string error;         ///< one sentence, for the ack's Msg; empty: it worked
  std::string printed = {};  ///< what the call gave console.log and the like, in lines
  std::int64_t time_ns = 0;  ///< of the processor
  std::int64_t memory_bytes = 0;
};

/// Runs scripts in sandboxed processes of their own. Whatever a script does costs its own call,
/// and a product's calls never hold up another's. Thread-safe. The calls of one product end in the
/// order they were made.
class Engine {
 public:
  virtual ~Engine() = default;
  /// `done` is called once, on a thread of the engine: it must not wait.
  virtual void run(Call call, std::function<void(Outcome)> done) = 0;
  /// Waits for the outcome, which the script's limits bound.
  Outcome run_and_wait(Call call);
};

}  // namespace xgate::script
