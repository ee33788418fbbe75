// SPDX-License-Identifier: Apache-2.0
#include "pg/connection.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <unordered_map>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pg/bytea.hpp"

namespace xgate::pg {
namespace {

using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// Beyond this many texts a statement runs unprepared: a caller that builds its SQL must not fill
/// the server's memory.
constexpr std::size_t max_prepared = 256;

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

/// Data exceptions quote what they choke on: 'invalid input syntax for type integer: "…"'.
std::string without_values(std::string_view sqlstate, std::string message) {
  if (sqlstate.starts_with("22")) {
    if (const auto quote = message.find(": \""); quote != std::string::npos) message.resize(quote);
  }
  return message;
}

bool means_gone(std::string_view sqlstate) noexcept {
  // 08: connection exceptions; 57P01…57P05: the server ends the session; 25006: a server that
  // became a read-only standby will not do for us; 25P03: a transaction was left alone for too
  // long.
  return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25006" ||
         sqlstate == "25P03";
}

}  // namespace

bool Error::is_transient() const noexcept {
  // 40001, 40P01: serialisation, deadlock; 53: out of disk, memory or connections; 55P03: a lock;
  // 57014: a time-out; 58: the system below.
  return connection_gone || sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03" ||
         sqlstate == "57014" || sqlstate.starts_with("53") || sqlstate.starts_with("58");
}

Param bytea_param(std::string_view bytes) {
  std::string text = "\\x";
  append_hex(text, bytes);
  return text;
}

// The socket is non-blocking and every wait is our own poll(), so that a hanging server costs the
// time-out and cancel() is heard at once.
struct Connection::State {
  PGconn* conn = nullptr;
  int cancel_fd = -1;
  int answer_timeout_ms = 0;
  bool gone = false;
  bool guarded = false;
  std::string guard;                                      ///< with which transactions begin
  std::unordered_map<std::string, std::string> prepared;  ///< SQL → name
  std::uint64_t next_name = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    PQfinish(conn);
    if (cancel_fd >= 0) ::close(cancel_fd);
  }

  Error give_up(std::string message) {
    gone = true;
    // The server learns at once that nobody waits, and rolls back.
    PQfinish(std::exchange(conn, nullptr));
    prepared.clear();
    return {"", std::move(message), true};
  }

  Error lost() {
    auto message = one_line(conn != nullptr ? PQerrorMessage(conn) : "");
    return give_up(message.empty() ? "the connection to the database was lost" : message);
  }

  Error from_result(const PGresult* result) {
    const auto field = [&](int code) {
      const char* text = PQresultErrorField(result, code);
      return std::string(text == nullptr ? "" : text);
    };
    Error error;
    error.sqlstate = field(PG_DIAG_SQLSTATE);
    error.constraint = field(PG_DIAG_CONSTRAINT_NAME);
    error.message = without_values(error.sqlstate, one_line(field(PG_DIAG_MESSAGE_PRIMARY)));
    if (error.message.empty()) error.message = one_line(PQresultErrorMessage(result));
    if (PQstatus(conn) == CONNECTION_BAD || means_gone(error.sqlstate)) {
      auto sqlstate = error.sqlstate;
      error = give_up(std::move(error.message));
      error.sqlstate = std::move(sqlstate);
    }
    return error;
  }

  enum class Woken : std::uint8_t { socket, other, timeout };

  /// One poll() on the socket, cancel()'s descriptor and perhaps another.
  Result<Woken> wait(bool for_write, int timeout_ms, int wake_fd = -1) {
    const short events = static_cast<short>(for_write ? (POLLIN | POLLOUT) : POLLIN);
    std::array<pollfd, 3> fds{{{PQsocket(conn), events, 0},
                               {cancel_fd, POLLIN, 0},
                               {wake_fd, POLLIN, 0}}};  // a negative descriptor is skipped
    const int ready = ::poll(fds.data(), fds.size(), timeout_ms);
    if (ready < 0 && errno != EINTR) return tl::unexpected(give_up("poll() failed"));
    if (ready <= 0) return ready == 0 ? Woken::timeout : Woken::other;
    if (fds[1].revents != 0) return tl::unexpected(give_up("given up: the program is stopping"));
    return fds[0].revents != 0 ? Woken::socket : Woken::other;
  }

  Result<void> wait_answer(bool for_write) {
    const int timeout = answer_timeout_ms > 0 ? answer_timeout_ms : -1;
    const auto woken = wait(for_write, timeout);
    if (!woken) return tl::unexpected(woken.error());
    if (*woken == Woken::timeout) {
      Error error = give_up("the database did not answer within " +
                            std::to_string(answer_timeout_ms) + " ms");
      error.timed_out = true;
      return tl::unexpected(std::move(error));
    }
    if (PQconsumeInput(conn) == 0) return tl::unexpected(lost());
    return {};
  }

  Result<void> flush() {
    for (;;) {
      const int left = PQflush(conn);
      if (left == 0) return {};
      if (left < 0) return tl::unexpected(lost());
      if (auto waited = wait_answer(true); !waited) return waited;
    }
  }

  /// The next result of what was sent; null after the last.
  Result<ResultPtr> next_result() {
    if (auto flushed = flush(); !flushed) return tl::unexpected(std::move(flushed).error());
    while (PQisBusy(conn) != 0) {
      if (auto waited = wait_answer(false); !waited) {
        return tl::unexpected(std::move(waited).error());
      }
    }
    return ResultPtr(PQgetResult(conn), &PQclear);
  }

  /// The result of one statement: the first error, or else the last result. Stops at a COPY.
  Result<ResultPtr> collect(int sent) {
    if (sent == 0) return tl::unexpected(lost());
    ResultPtr last(nullptr, &PQclear);
    std::optional<Error> error;
    for (;;) {
      auto result = next_result();
      if (!result) return tl::unexpected(error ? std::move(*error) : std::move(result).error());
      if (!*result) break;
      switch (PQresultStatus(result->get())) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
          last = std::move(*result);
          break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
          return std::move(*result);
        default:
          if (!error) error = from_result(result->get());
          if (gone) return tl::unexpected(std::move(*error));
      }
    }
    if (error) return tl::unexpected(std::move(*error));
    if (!last) return tl::unexpected(lost());
    return last;
  }

  Result<void> usable() const {
    if (!gone) return {};
    return tl::unexpected(Error{"", "the connection to the database is closed", true});
  }

  /// A COPY in the place of a plain statement cannot be carried on from there.
  Result<ResultPtr> collect_plain(int sent) {
    auto result = collect(sent);
    if (!result) return result;
    const auto status = PQresultStatus(result->get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
      return tl::unexpected(give_up("COPY goes through copy_in() or copy_out()"));
    }
    return result;
  }

  Result<ResultPtr> simple(const std::string& sql) {
    if (auto ok = usable(); !ok) return tl::unexpected(std::move(ok).error());
    return collect_plain(PQsendQuery(conn, sql.c_str()));
  }

  /// The name of a statement, prepared when it is new; empty: run it unprepared.
  Result<std::string> name_of(const std::string& sql) {
    if (const auto found = prepared.find(sql); found != prepared.end()) return found->second;
    if (prepared.size() >= max_prepared) return std::string();
    // A new name each time: a statement that was forgotten may still exist on the server.
    auto name = "s" + std::to_string(next_name++);
    auto done = collect(PQsendPrepare(conn, name.c_str(), sql.c_str(), 0, nullptr));
    if (!done) return tl::unexpected(std::move(done).error());
    prepared.emplace(sql, name);
    return name;
  }

  Result<ResultPtr> run(const std::string& sql, std::span<const char* const> values) {
    auto name = name_of(sql);
    if (!name) return tl::unexpected(std::move(name).error());
    const int count = static_cast<int>(values.size());
    const int sent = name->empty() ? PQsendQueryParams(conn, sql.c_str(), count, nullptr,
                                                       values.data(), nullptr, nullptr, 0)
                                   : PQsendQueryPrepared(conn, name->c_str(), count, values.data(),
                                                         nullptr, nullptr, 0);
    auto result = collect_plain(sent);
    if (!result && (result.error().sqlstate == "0A000" || result.error().sqlstate == "26000")) {
      prepared.erase(sql);  // a migration changed its columns, or a pooler dropped it
    }
    return result;
  }
};

namespace {

/// What the server is to do by itself. Of a client whose machine lost power or its network it would
/// learn by its own keepalives only, after two hours, and keep its locks until then; while a
/// statement runs, or waits, it would not look at all. On a Unix socket it ignores keepalives.
std::string session_settings(const Options& options) {
  std::string sql =
      "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; "
      "SET tcp_keepalives_count = 3; SET tcp_user_timeout = 20000; "
      "SET client_connection_check_interval = 2000";
  const auto set = [&sql](std::string_view name, int value) {
    if (value > 0) sql.append("; SET ").append(name).append(" = ").append(std::to_string(value));
  };
  set("statement_timeout", options.statement_timeout_ms);
  set("idle_in_transaction_session_timeout", options.idle_transaction_timeout_ms);
  if (options.guarded) sql += "; SET default_transaction_read_only = on";
  return sql;
}

}  // namespace

Connection::Connection(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Result<Connection> Connection::open(const std::string& conninfo, int timeout_s) {
  Options options;
  options.connect_timeout_s = timeout_s;
  return open(conninfo, options);
}

Result<Connection> Connection::open(const std::string& conninfo, const Options& options) {
  const auto connect_timeout = std::to_string(options.connect_timeout_s);
  // What stands before dbname can be overridden by the conninfo, what stands after it cannot.
  const std::array keys{"fallback_application_name",
                        "connect_timeout",
                        "keepalives_idle",
                        "keepalives_interval",
                        "keepalives_count",
                        "tcp_user_timeout",
                        "dbname",
                        "client_encoding",
                        static_cast<const char*>(nullptr)};
  const std::array values{options.application_name.c_str(),
                          connect_timeout.c_str(),
                          "10",
                          "5",
                          "3",
                          "20000",
                          conninfo.c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  auto state = std::make_unique<State>();
  state->answer_timeout_ms = options.answer_timeout_ms;
  state->guarded = options.guarded;
  state->cancel_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (state->cancel_fd < 0) {
    return tl::unexpected(Error{"", "no file descriptor is left for a connection", true});
  }
  state->conn = PQconnectdbParams(keys.data(), values.data(), 1);
  if (PQstatus(state->conn) != CONNECTION_OK) return tl::unexpected(state->lost());
  PQsetNoticeProcessor(
      state->conn, [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(state->conn, 1) != 0) return tl::unexpected(state->lost());
  Connection connection(std::move(state));
  if (auto set = connection.exec_script(session_settings(options)); !set) {
    return tl::unexpected(std::move(set).error());
  }
  return connection;
}

Result<Rows> Connection::exec(std::string_view sql, std::initializer_list<Param> params) {
  return exec(sql, std::span<const Param>(params.begin(), params.size()));
}

Result<Rows> Connection::exec(std::string_view sql, std::span<const Param> params) {
  if (auto ok = state_->usable(); !ok) return tl::unexpected(std::move(ok).error());
  std::vector<const char*> values;
  values.reserve(params.size());
  for (const auto& param : params) {
    if (param && param->find('\0') != std::string::npos) {
      return tl::unexpected(Error{"22021", "a parameter contains a NUL byte", false});
    }
    values.push_back(param ? param->c_str() : nullptr);
  }
  const std::string text(sql);
  const bool in_transaction = PQtransactionStatus(state_->conn) != PQTRANS_IDLE;
  auto result = state_->run(text, values);
  // The statement had to be forgotten, and has not run: once more, where no transaction was spoilt.
  const bool again = !result && !in_transaction && !state_->gone &&
                     (result.error().sqlstate == "0A000" || result.error().sqlstate == "26000");
  if (again) result = state_->run(text, values);
  if (!result) return tl::unexpected(std::move(result).error());
  return Rows(result->release());
}

Result<void> Connection::exec_script(const std::string& sql) {
  auto result = state_->simple(sql);
  if (!result) return tl::unexpected(std::move(result).error());
  return {};
}

void Connection::guard(std::string statement) { state_->guard = std::move(statement); }

/// One round trip with its guard. The guard's answer must hold whatever it had to wait for.
Result<void> Connection::begin() {
  if (state_->guarded && state_->guard.empty()) {
    return tl::unexpected(Error{"25006", "a guarded transaction needs its guard", false});
  }
  if (state_->guard.empty()) return exec_script("BEGIN");
  return exec_script("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " + state_->guard);
}

Result<void> Connection::commit() {
  if (auto ok = state_->usable(); !ok) return ok;
  auto result = state_->simple("COMMIT");
  if (!result) {
    Error error = std::move(result).error();
    error.outcome_unknown = error.connection_gone;
    return tl::unexpected(std::move(error));
  }
  // A transaction in which a statement failed "commits" without an error, by rolling back.
  if (std::string_view(PQcmdStatus(result->get())) != "COMMIT") {
    return tl::unexpected(Error{"25P02", "the transaction had failed and was rolled back", false});
  }
  return {};
}

bool Connection::in_transaction() const noexcept {
  const auto status = PQtransactionStatus(state_->conn);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

Result<void> Connection::copy_out(const std::string& sql,
                                  const std::function<void(std::string_view)>& row) {
  if (auto ok = state_->usable(); !ok) return ok;
  auto& state = *state_;
  auto started = state.collect(PQsendQuery(state.conn, sql.c_str()));
  if (!started) return tl::unexpected(std::move(started).error());
  if (PQresultStatus(started->get()) != PGRES_COPY_OUT) {
    return tl::unexpected(state.give_up("the statement is no COPY … TO STDOUT"));
  }
  for (;;) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(state.conn, &buffer, 1);
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(buffer, &PQfreemem);
    if (size == 0) {
      if (auto waited = state.wait_answer(false); !waited) return waited;
    } else if (size > 0) {
      std::string_view line(buffer, static_cast<std::size_t>(size));
      if (line.ends_with('\n')) line.remove_suffix(1);
      row(line);
    } else {
      break;  // the end, or an error: the result tells which
    }
  }
  auto ended = state.collect_plain(1);
  if (!ended) return tl::unexpected(std::move(ended).error());
  return {};
}

Result<void> Connection::copy_in(const std::string& sql,
                                 const std::function<bool(std::string&)>& next) {
  if (auto ok = state_->usable(); !ok) return ok;
  auto& state = *state_;
  auto started = state.collect(PQsendQuery(state.conn, sql.c_str()));
  if (!started) return tl::unexpected(std::move(started).error());
  if (PQresultStatus(started->get()) != PGRES_COPY_IN) {
    return tl::unexpected(state.give_up("the statement is no COPY … FROM STDIN"));
  }
  std::string buffer;
  for (bool more = true; more;) {
    buffer.clear();
    more = next(buffer);
    int put = 0;
    while ((put = PQputCopyData(state.conn, buffer.data(), static_cast<int>(buffer.size()))) == 0) {
      if (auto waited = state.wait_answer(true); !waited) return waited;
    }
    if (put < 0) break;  // the server refused a row already: its error follows
    // Non-blocking, libpq would otherwise hold the whole copy in memory.
    if (auto flushed = state.flush(); !flushed) return flushed;
  }
  // 0: no room yet; an error comes with the result below.
  while (PQputCopyEnd(state.conn, nullptr) == 0) {
    if (auto waited = state.wait_answer(true); !waited) return waited;
  }
  auto result = state.collect_plain(1);
  if (!result) return tl::unexpected(std::move(result).error());
  return {};
}

Result<std::vector<Connection::Notification>> Connection::wait_notifications(int timeout_ms,
                                                                             int wake_fd) {
  if (auto ok = state_->usable(); !ok) return tl::unexpected(std::move(ok).error());
  auto& state = *state_;
  std::vector<Notification> arrived;
  const auto take = [&] {
    while (PGnotify* notify = PQnotifies(state.conn)) {
      arrived.push_back({notify->relname, notify->extra});
      PQfreemem(notify);
    }
  };
  take();  // what came with the answer to another statement
  if (arrived.empty()) {
    const auto woken = state.wait(false, timeout_ms, wake_fd);
    if (!woken) return tl::unexpected(woken.error());
    if (*woken == State::Woken::socket && PQconsumeInput(state.conn) == 0) {
      return tl::unexpected(state.lost());
    }
    take();
  }
  return arrived;
}

void Connection::set_answer_timeout(int timeout_ms) noexcept {
  state_->answer_timeout_ms = timeout_ms;
}

void Connection::cancel() noexcept {
  const std::uint64_t one = 1;
  // A full counter would mean that it was already cancelled 2^64 times.
  [[maybe_unused]] const auto written = ::write(state_->cancel_fd, &one, sizeof one);
}

bool Connection::is_gone() const noexcept { return state_ == nullptr || state_->gone; }

}  // namespace xgate::pg
