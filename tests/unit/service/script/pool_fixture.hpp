// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "service/observe/metrics.hpp"
#include "service/script/pool.hpp"

namespace xgate::script {

inline std::shared_ptr<const std::string> source(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

inline std::string demo_script() {
  std::ifstream file(XGATE_SOURCE_DIR "/docs/examples/hex-demo.js");
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Call call(std::string script, std::string input, std::string product = "AA30C505",
                 Call::Function function = Call::Function::raw_data_to_protocol) {
  return {.program = {std::move(product), 1, source(std::move(script))},
          .function = function,
          .input = std::move(input)};
}

/// Real script processes of the real program.
class PoolTest : public testing::Test {
 protected:
  Outcome decode(const std::string& script, const std::string& bytes = "\x01\x02") {
    return pool_.run_and_wait(call(script, bytes));
  }
  Outcome encode(const std::string& script, const std::string& json = "{}") {
    return pool_.run_and_wait(call(script, json, "AA30C505", Call::Function::protocol_to_raw_data));
  }

  observe::Metrics metrics_;
  Pool pool_{{.command = {XGATE_PROGRAM, "script-worker"}, .limits = {}, .processes = 2}, metrics_};
};

}  // namespace xgate::script
