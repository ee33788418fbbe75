// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

// Thin RAII over libpq. The only room that includes libpq-fe.h.
namespace xgate::pg {

struct Error {
  std::string sqlstate;          ///< five characters; empty where the server said nothing
  std::string message;           ///< one line, without the values of a statement
  bool connection_gone = false;  ///< the connection must be opened again
  std::string constraint = {};   ///< of a violation: the constraint's name
  bool timed_out = false;        ///< the server is there and says nothing: it hangs
  /// COMMIT was sent and no answer came: the transaction may stand or not.
  bool outcome_unknown = false;

  bool is_unique_violation() const noexcept { return sqlstate == "23505"; }
  /// Worth the same statement again on a (new) connection.
  bool is_transient() const noexcept;
};

template <class T>
using Result = tl::expected<T, Error>;

/// A parameter. Text format throughout; bytea goes in as hex text (\\x…), arrays by the builders
/// in array.hpp. std::nullopt is SQL NULL.
using Param = std::optional<std::string>;
Param bytea_param(std::string_view bytes);

/// A result set. Views live as long as it does.
class Rows {
 public:
  explicit Rows(void* pg_result) noexcept;  ///< takes a PGresult*
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  int size() const noexcept;
  std::int64_t affected() const noexcept;  ///< rows an INSERT, UPDATE or DELETE touched
  bool is_null(int row, int column) const noexcept;
  std::string_view text(int row, int column) const noexcept;  ///< empty for NULL
  std::int64_t int64(int row, int column) const noexcept;     ///< 0 for NULL
  bool boolean(int row, int column) const noexcept;
  std::string bytea(int row, int column) const;  ///< decoded
  std::optional<std::string> optional_text(int row, int column) const;

 private:
  void* result_;
};

struct Options {
  std::string application_name = "xgate";
  int connect_timeout_s = 5;
  int statement_timeout_ms = 0;  ///< kept by the server; 0: none
  /// How long one statement may go without an answer before the connection is given up, so that a
  /// server which hangs, or a network that swallows packets, is noticed. 0: for ever.
  int answer_timeout_ms = 0;
  /// Kept by the server, which then ends a session that leaves a transaction open for so long
  /// without asking for anything, as a program does that was stopped. 0: none.
  int idle_transaction_timeout_ms = 0;
  /// Outside of a Transaction the session only reads, and none begins before guard() was called.
  bool guarded = false;
};

/// One connection. Not thread-safe, but for cancel(); movable. An Error with `connection_gone`
/// closes it: whatever is asked of it afterwards fails at once with the same.
class Connection {
 public:
  /// Blocks up to the time-out. `conninfo` is a libpq connection string or URI.
  static Result<Connection> open(const std::string& conninfo, const Options& options);
  static Result<Connection> open(const std::string& conninfo, int timeout_s = 5);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  /// One statement, prepared on first use under its own text and reused.
  Result<Rows> exec(std::string_view sql, std::span<const Param> params = {});
  Result<Rows> exec(std::string_view sql, std::initializer_list<Param> params);
  /// Several statements separated by ';', without parameters (migrations).
  Result<void> exec_script(const std::string& sql);
  /// COPY … TO STDOUT; `row` is called with each line of text format, without its newline.
  Result<void> copy_out(const std::string& sql, const std::function<void(std::string_view)>& row);
  /// COPY … FROM STDIN; `next` fills a buffer with whole lines and returns false at the end.
  Result<void> copy_in(const std::string& sql, const std::function<bool(std::string&)>& next);

  struct Notification {
    std::string channel;
    std::string payload;
  };
  /// Waits up to `timeout_ms` (-1: for ever; or until `wake_fd` is readable) and returns what has
  /// arrived.
  Result<std::vector<Notification>> wait_notifications(int timeout_ms, int wake_fd = -1);

  /// From now on each Transaction begins with this statement, sent along with BEGIN; where it
  /// fails, nothing has begun. Empty: with none.
  void guard(std::string statement);
  /// Options::answer_timeout_ms from now on.
  void set_answer_timeout(int timeout_ms) noexcept;
  /// From any thread: gives the connection up, so that a stop waits for no server. A statement that
  /// is running, or the next one, returns at once with `connection_gone`; whether a statement
  /// outside a transaction took effect is then unknown.
  void cancel() noexcept;
  bool is_gone() const noexcept;

 private:
  friend class Transaction;
  Result<void> begin();
  Result<void> commit();
  bool in_transaction() const noexcept;

  struct State;
  explicit Connection(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// BEGIN now, ROLLBACK at the end unless commit() succeeded. Within another one it is a part of
/// that, which can be undone by itself and stands once the other is committed. The connection must
/// stay where it is.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  ~Transaction();
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Result<void> commit();

 private:
  Transaction(Connection& connection, bool nested) noexcept;
  Connection* connection_;
  bool nested_;
};

}  // namespace xgate::pg
