// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

// What was said and what was refused, as the API reads it. Writing is the pipeline's.
namespace xgate::store {

struct LoggedMessage {
  std::int64_t sequence = 0;
  std::string received_at;
  std::string topic;
  std::optional<std::string> message_id;  ///< JSON text
  std::optional<std::int64_t> header_ctrl;
  std::optional<std::string> payload;  ///< JSON text
  bool encrypted = false;
  std::string raw;  ///< bytes
  bool redelivered = false;
  std::optional<std::string> code;
  std::optional<std::string> requirement;
  std::optional<std::string> reason;
  std::optional<std::string> note;
  bool warning = false;
  std::optional<std::string> explanation;
  std::optional<std::string> key_reading;
};

struct LoggedRefusal {
  std::int64_t sequence = 0;
  std::string refused_at;
  Refusal refusal;
};

/// Newest first from before `sequence` (none: from the newest), or, following, oldest first from
/// after it. Followers are shown a row only once nobody can still store one before it.
struct Window {
  std::optional<std::int64_t> sequence;
  bool follow = false;
  int limit = 100;
};

/// A page ends before `limit` once its raw bytes and payloads together have reached this size.
inline constexpr std::size_t page_bytes = std::size_t{4} << 20U;
pg::Result<std::vector<LoggedMessage>> read_messages(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::string& node_eui,
                                                     const Window& window);

struct RefusalFilter {
  std::optional<std::string> product_id;
  std::optional<std::string> node_eui;
};
pg::Result<std::vector<LoggedRefusal>> read_refusals(pg::Connection& connection,
                                                     const RefusalFilter& filter,
                                                     const Window& window);

}  // namespace xgate::store
