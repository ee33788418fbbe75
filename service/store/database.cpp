// SPDX-License-Identifier: Apache-2.0
#include "service/store/database.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "service/observe/log.hpp"
#include "service/store/lease.hpp"
#include "service/store/ticks.hpp"

namespace xgate::store {
namespace {

constexpr std::chrono::milliseconds back_off_first{100};
constexpr std::chrono::milliseconds back_off_most{2000};

}  // namespace

Database::Database(std::string conninfo, std::string name, int patience_ms,
                   const DatabaseState& state, std::string broker)
    : conninfo_(std::move(conninfo)),
      name_(std::move(name)),
      patience_ms_(patience_ms),
      state_(state),
      broker_(std::move(broker)) {}

pg::Result<pg::Connection*> Database::get() {
  if (connection_ && !connection_->is_gone()) {
    return &*connection_;
  }
  connection_.reset();
  if (!state_.schema_fits) {
    return tl::unexpected(pg::Error{.sqlstate = "",
                                    .message = "the schema has not been looked at yet",
                                    .connection_gone = true});
  }
  if (std::chrono::steady_clock::now() < not_before_) {
    return tl::unexpected(last_);
  }
  pg::Options options;
  options.application_name = "xgate " + name_;
  options.connect_timeout_s = 2;
  options.statement_timeout_ms = patience_ms_;
  options.answer_timeout_ms = patience_ms_ + 1000;  // a server that hangs is noticed
  options.idle_transaction_timeout_ms = idle_transaction_timeout_ms;
  options.guarded = !broker_.empty();
  auto opened = pg::Connection::open(conninfo_, options);
  if (!opened) {
    return failed(std::move(opened.error()));
  }
  if (auto entered = enter_era(*opened); !entered) {
    return failed(std::move(entered.error()));
  }
  if (back_off_.count() > 0) {
    observe::info("{}: the database is back", observe::Words(name_));
  }
  back_off_ = {};
  connection_.emplace(std::move(*opened));
  return &*connection_;
}

pg::Result<pg::Connection*> Database::get(std::int64_t fence) {
  auto connection = get();
  if (connection) {
    (*connection)->guard(fence_guard(broker_, fence));
  }
  return connection;
}

pg::Result<pg::Connection*> Database::failed(pg::Error error) {
  if (back_off_.count() == 0) {  // once, not at every attempt
    observe::warn("{}: the database is away: {}", observe::Words(name_),
                  observe::Words(error.message));
  }
  back_off_ = std::clamp(back_off_ * 2, back_off_first, back_off_most);
  not_before_ = std::chrono::steady_clock::now() + back_off_;
  error.connection_gone = true;
  last_ = error;
  return tl::unexpected(std::move(error));
}

void Database::note(const pg::Error& error) {
  if (error.connection_gone) {
    connection_.reset();
  }
}

}  // namespace xgate::store
