// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "service/api/http.hpp"
#include "service/api/router.hpp"
#include "service/api/server_impl.hpp"
#include "service/web/stream.hpp"

// Beast takes long to compile: for server.cpp and the session's own files alone.
namespace xgate::api {

namespace beast = boost::beast;
namespace http = beast::http;

/// One connection. Everything but what run_on_worker() hands away is on the io_context's thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, web::Certificate::Context tls, Door door,
          std::shared_ptr<Server::Impl> server, std::unique_ptr<web::Place> place);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void begin();
  /// The service stops: an answer that is being made still leaves.
  void stop();
  /// Something has happened to what this parked request waits for.
  void look();
  void close();

 private:
  using Parser = http::request_parser<http::string_body>;

  // session_reading.cpp: from the header to the handler
  /// LIMIT-11: from now on, a whole header has to be there in time.
  void limit_header();
  void too_late();
  void read_header();
  void read_request_line();
  void on_header(beast::error_code error);
  void accept_request();
  void authorize();
  /// Its address waits for wrong tokens: only one that there is gets further.
  void doubt_token(int wait_s);
  /// Each time: another service, or an hour, may have ended the token.
  void judge_token();
  using Grant = pg::Result<std::optional<store::TokenGrant>>;
  void admit(const Grant& found);
  void take_route();
  Result<void> take_key();
  /// What can be refused before a long body is sent is refused then.
  void check_before();
  std::size_t limit_of_body() const;
  std::string address() const;  ///< of the client; empty: it is gone
  /// False: as many of this kind as may are under way.
  bool take_slot(int Server::Impl::*count, int most);
  void read_body();
  void write_continue();
  void read_rest();
  void read_file_piece();
  void store_file_piece();
  /// On a worker: disks make wait.
  Result<void> write_file_piece();
  /// Removing a large file takes a moment, which is not the I/O thread's.
  void drop_file();
  void handle();
  bool body_is_read() const { return file_parser_ ? file_parser_->is_done() : parser_->is_done(); }
  /// The request's version and wish, whichever parser has it now.
  template <class Ask>
  auto of_request(Ask ask) const {
    return file_parser_ ? ask(file_parser_->get()) : ask(parser_->get());
  }

  // session.cpp: workers, and answers that wait
  /// What goes on on the I/O thread with what `work` found out on a worker. The session's last
  /// owner must never be the worker: whatever a session holds ends on the I/O thread.
  using Then = std::function<void(Session&)>;
  using Work = std::function<Then(pg::Connection*, const std::string&)>;
  static Then outcome_of(const Work& work, pg::Connection* database, const std::string& away);
  bool post_work(Work work);
  void run_on_worker(Work work);
  /// On the worker, where it may take its time: pages are long.
  Response in_readers_language(Response response) const;
  /// The handler, on whatever thread.
  Response run(Handler handler, pg::Connection* database, const std::string& away);
  /// The answer may still become another: it waits here, without a worker.
  void park(Response response);
  void looked(std::optional<Response> better, bool last);
  void leave_park();

  // session_writing.cpp: the answer
  /// Answers before the body was read: the connection cannot be used further.
  void refuse(const Problem& problem);
  void write(Response response);
  void write_piece();
  void fetch_piece();
  void take_piece(const Result<std::string>& piece);
  void finish_body();
  void finish();
  void linger();

  web::Stream stream_;
  const Door door_;
  beast::flat_buffer buffer_;
  std::shared_ptr<Server::Impl> server_;
  std::unique_ptr<web::Place> place_;
  asio::steady_timer header_timer_;
  bool header_is_limited_ = false;
  bool timed_out_ = false;
  std::optional<Parser> parser_;
  /// Of a file, in place of parser_ once the header is read.
  std::optional<http::request_parser<http::buffer_body>> file_parser_;
  std::vector<char> piece_;
  std::optional<Result<Match>> match_;
  const Route* route_ = nullptr;
  Request request_;
  std::shared_ptr<void> body_slot_;
  Clock::time_point started_;
  bool waiting_ = false;      ///< for the next request: may be closed at once
  bool head_ = false;         ///< a HEAD request
  bool close_after_ = false;  ///< a part of the request was not read
  bool keep_alive_ = false;
  bool chunked_ = false;
  std::optional<http::response<http::empty_body>> head_part_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string body_;
  std::function<Result<std::string>(pg::Connection&)> more_;
  std::optional<Response> parked_;
  Clock::time_point parked_until_;
  asio::steady_timer park_timer_;
  bool looking_ = false;
  bool look_again_ = false;
};

}  // namespace xgate::api
