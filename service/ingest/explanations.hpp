// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "pg/connection.hpp"
#include "service/ingest/device_message.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// So many explanations at once, then so many a second: of one device, and of all. What goes beyond
/// is stored without one. Not thread-safe: one a worker, whose other messages wait meanwhile, for
/// an explanation may take 20 ms. A batch that is tried again takes them again.
class ExplanationBudget {
 public:
  bool take(std::int64_t device_id, std::int64_t now_ms);

 private:
  struct Bucket {
    double left = 0;
    std::int64_t at_ms = 0;
  };
  static bool take_from(Bucket& bucket, double burst, double per_second, std::int64_t now_ms);

  std::unordered_map<std::int64_t, Bucket> devices_;
  Bucket all_;
};

/// A message of a batch that asks for an explanation, and the row to which it goes.
struct Unexplained {
  PayloadQuestion question;
  store::MessageRow* row = nullptr;
};

/// TRACE-1: names the usual mistakes behind these messages. Reads the keys that their devices have
/// and had, where there is one; costs nothing else.
pg::Result<void> explain(pg::Connection& connection, std::vector<Unexplained>& messages,
                         ExplanationBudget& budget, const store::State& state, std::int64_t now_ms);

}  // namespace xgate::ingest
