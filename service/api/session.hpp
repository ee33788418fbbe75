// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <spdlog/spdlog.h>

#include "service/api/http.hpp"
#include "service/api/router.hpp"
#include "service/api/server_impl.hpp"
#include "service/firmware/content_store.hpp"
#include "service/store/tokens.hpp"

// For server.cpp alone: Beast takes half a minute to compile.
namespace xgate::api {

namespace beast = boost::beast;
namespace http = beast::http;

inline constexpr std::uint32_t max_header_bytes = 16 * 1024;
// Each bounds one whole step, however slowly its bytes drip in.
inline constexpr std::chrono::seconds header_time{30};
inline constexpr std::chrono::seconds json_body_time{30};
inline constexpr std::chrono::seconds csv_body_time{300};
inline constexpr std::chrono::seconds file_piece_time{60};
inline constexpr std::chrono::seconds write_time{60};
inline constexpr std::chrono::seconds linger_time{5};
/// A parked request looks by itself this often, for what another service has done.
inline constexpr std::chrono::seconds park_time{1};
/// Bodies of up to 64 MB are held while they are imported: few at a time.
inline constexpr int max_imports = 2;
/// A file goes to disk piece by piece, each written by a worker before the next is read.
inline constexpr std::size_t file_piece_bytes = std::size_t{256} * 1024;
inline constexpr int max_uploads = 4;

inline Problem too_large(std::size_t limit) {
  Problem problem = bad_request("the body is larger than " + std::to_string(limit >> 20U) + " MB");
  problem.status = 413;
  problem.type = "content-too-large";
  return problem;
}

/// One connection. Everything but what run_on_worker() hands away is on the io_context's thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, std::shared_ptr<Server::Impl> server)
      : stream_(std::move(socket)),
        buffer_(std::size_t{128} * 1024),
        server_(std::move(server)),
        park_timer_(stream_.get_executor()) {
    server_->metrics.http_connections.Increment();
  }
  ~Session() {
    drop_file();
    server_->metrics.http_connections.Decrement();
    server_->left(this);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read_header() {
    waiting_ = true;
    head_ = false;
    close_after_ = false;
    route_ = nullptr;
    drop_file();
    request_ = {};
    body_slot_.reset();
    file_parser_.reset();
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(std::max(max_csv_bytes, server_->max_file_bytes));
    stream_.expires_after(header_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              self->on_header(error);
                            });
  }

  /// The service stops: an answer that is being made still leaves.
  void stop() {
    if (waiting_) close();
    if (parked_) leave_park();
  }
  /// Something has happened to what this parked request waits for.
  void look() {
    if (!parked_) return;
    if (looking_) {
      look_again_ = true;
      return;
    }
    const bool last = Clock::now() >= parked_until_;
    looking_ = post_work(
        [later = parked_->later, last](pg::Connection* database, const std::string&) -> Then {
          auto better = database != nullptr ? later->look(*database, last) : std::nullopt;
          return [better = std::move(better), last](Session& session) mutable {
            session.looked(std::move(better), last);
          };
        });
    if (!looking_) looked(std::nullopt, last);  // the workers have too much to do
  }
  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  void on_header(beast::error_code error) {
    waiting_ = false;
    started_ = Clock::now();
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      Problem problem = bad_request("the header is larger than 16 KB");
      problem.status = 431;
      problem.type = "header-too-large";
      return refuse(problem);
    }
    if (error == http::error::body_limit) return refuse(too_large(server_->max_file_bytes));
    if (error == http::error::end_of_stream) return close();
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
      return refuse(bad_request("this is no HTTP/1.1 request"));
    }
    if (error) return close();  // a time-out, or the client is gone: nobody to answer
    accept_request();
  }

  void accept_request() {
    const auto& header = parser_->get();
    auto target = parse_target({header.target().data(), header.target().size()});
    if (!target) return refuse(target.error());
    request_.method = std::string(header.method_string());
    head_ = request_.method == "HEAD";  // answered as GET, without the body
    if (head_) request_.method = "GET";
    match_ = find_route(routes(), request_.method, target->path);
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    const auto key = header["Idempotency-Key"];
    request_.idempotency_key.assign(key.data(), key.size());
    // Strangers do not even learn which paths there are.
    const bool open =
        *match_ ? (*match_)->route->access == Access::open : !request_.path.starts_with("/api/");
    open ? take_route() : authorize();
  }

  void take_route() {
    if (!*match_) return refuse(match_->error());
    route_ = (*match_)->route;
    request_.parameters = std::move((*match_)->parameters);
    const auto& header = parser_->get();
    const auto type = header[http::field::content_type];
    if (auto fits = check_content_type(*route_, {type.data(), type.size()}); !fits) {
      return refuse(fits.error());
    }
    const auto limit = limit_of_body();
    if (parser_->content_length().value_or(0) > limit) return refuse(too_large(limit));
    parser_->body_limit(limit);
    route_->before == nullptr ? read_body() : check_before();
  }

  std::size_t limit_of_body() const {
    return route_->body == Body::file ? server_->max_file_bytes : body_limit(*route_);
  }

  /// What can be refused before a long body is sent is refused then.
  void check_before() {
    stream_.expires_never();
    run_on_worker([this](pg::Connection* database, const std::string& away) -> Then {
      return [refusal = run(route_->before, database, away)](Session& session) {
        if (refusal.status < 400) return session.read_body();
        session.close_after_ = !session.body_is_read();
        session.write(refusal);
      };
    });
  }

  void authorize() {
    const auto field = parser_->get()[http::field::authorization];
    std::string_view value(field.data(), field.size());
    if (!beast::iequals(value.substr(0, 7), "Bearer ") || value.size() == 7) {
      return refuse(unauthorized("send a token: Authorization: Bearer TOKEN"));
    }
    auto hash = store::token_hash(value.substr(7));
    if (server_->knows_token(hash)) return take_route();
    stream_.expires_never();
    run_on_worker([hash](pg::Connection* database, const std::string&) -> Then {
      auto valid = database == nullptr ? pg::Result<bool>(tl::unexpected(pg::Error{"", "", true}))
                                       : store::is_valid_token(*database, hash);
      return [hash, valid = std::move(valid)](Session& session) {
        if (!valid) return session.refuse(unavailable("the database is not available: try again"));
        if (!*valid) return session.refuse(unauthorized("this token is not valid"));
        session.server_->learn_token(hash);
        session.take_route();
      };
    });
  }

  /// False: as many of this kind as may are under way.
  bool take_slot(int Server::Impl::*count, int most) {
    if (server_.get()->*count >= most) return false;
    ++(server_.get()->*count);
    body_slot_ = std::shared_ptr<void>(
        nullptr, [server = server_, count](void*) { --(server.get()->*count); });
    return true;
  }

  void read_body() {
    if (route_->body == Body::csv && !take_slot(&Server::Impl::imports, max_imports)) {
      return refuse(unavailable("two imports are running already: try again later"));
    }
    if (route_->body == Body::file && !take_slot(&Server::Impl::uploads, max_uploads)) {
      return refuse(unavailable("four files are coming in already: try again later"));
    }
    if (parser_->is_done()) return handle();
    stream_.expires_after(route_->body == Body::csv ? csv_body_time : json_body_time);
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      return write_continue();
    }
    read_rest();
  }

  void write_continue() {
    auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
    http::async_write(stream_, *go_on,
                      [self = shared_from_this(), go_on](beast::error_code error, std::size_t) {
                        if (error) return self->close();
                        self->read_rest();
                      });
  }

  void read_rest() {
    if (route_->body == Body::file) {
      file_parser_.emplace(std::move(*parser_));
      file_parser_->body_limit(server_->max_file_bytes);
      piece_.resize(file_piece_bytes);
      return read_file_piece();
    }
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (error == http::error::body_limit) {
                         return self->refuse(too_large(self->limit_of_body()));
                       }
                       if (error) return self->close();
                       self->handle();
                     });
  }

  void read_file_piece() {
    auto& body = file_parser_->get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    stream_.expires_after(file_piece_time);
    http::async_read(stream_, buffer_, *file_parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (error == http::error::body_limit) {
                         return self->refuse(too_large(self->limit_of_body()));
                       }
                       if (error && error != http::error::need_buffer) return self->close();
                       self->store_file_piece();
                     });
  }

  void store_file_piece() {
    stream_.expires_never();
    run_on_worker([this](pg::Connection*, const std::string&) -> Then {
      auto stored = write_file_piece();
      return [stored = std::move(stored)](Session& session) {
        if (!stored) return session.refuse(stored.error());
        session.file_parser_->is_done() ? session.handle() : session.read_file_piece();
      };
    });
  }

  /// On a worker: disks make wait.
  Result<void> write_file_piece() {
    if (server_->actions.firmware == nullptr) {
      return tl::unexpected(unavailable("this service keeps no files"));
    }
    if (!request_.file) {
      auto file = server_->actions.firmware->receive();
      if (!file) return tl::unexpected(from_disk(file.error()));
      request_.file = std::move(*file);
    }
    const auto size = piece_.size() - file_parser_->get().body().size;
    if (auto written = request_.file->write({piece_.data(), size}); !written) {
      return tl::unexpected(from_disk(written.error()));
    }
    return {};
  }

  /// Removing a large file takes a moment, which is not the I/O thread's.
  void drop_file() {
    if (!request_.file) return;
    server_->workers.post(
        [file = std::move(request_.file)](pg::Connection*, const std::string&) {});
  }

  bool body_is_read() const { return file_parser_ ? file_parser_->is_done() : parser_->is_done(); }
  /// The request's version and wish, whichever parser has it now.
  template <class Ask>
  auto of_request(Ask ask) const {
    return file_parser_ ? ask(file_parser_->get()) : ask(parser_->get());
  }

  void handle() {
    if (!file_parser_) request_.body = std::move(parser_->get().body());
    if (route_->database == Database::nothing) {
      return write(run(route_->handler, nullptr, server_->workers.away()));
    }
    stream_.expires_never();
    run_on_worker([this](pg::Connection* database, const std::string& away) -> Then {
      return [response = run(route_->handler, database, away)](Session& session) {
        response.later ? session.park(response) : session.write(response);
      };
    });
  }

  /// The answer may still become another: it waits here, without a worker.
  void park(Response response) {
    parked_ = std::move(response);
    parked_until_ = Clock::now() + parked_->later->patience;
    server_->park(parked_->later->subject, this);
    if (server_->stopping()) return leave_park();
    look();  // for what happened between the handler's look and now
  }
  void looked(std::optional<Response> better, bool last) {
    looking_ = false;
    if (!parked_) return;
    if (better) {
      better->later.reset();
      server_->unpark(parked_->later->subject, this);
      parked_.reset();
      return write(std::move(*better));
    }
    if (last) return leave_park();
    if (std::exchange(look_again_, false)) return look();
    park_timer_.expires_at(std::min(Clock::now() + park_time, parked_until_));
    park_timer_.async_wait([self = shared_from_this()](beast::error_code cancelled) {
      if (!cancelled && !self->looking_) self->look();
    });
  }
  void leave_park() {
    park_timer_.cancel();
    server_->unpark(parked_->later->subject, this);
    Response response = std::move(*parked_);
    parked_.reset();
    response.later.reset();
    write(std::move(response));
  }

  /// The handler, on whatever thread.
  Response run(Handler handler, pg::Connection* database, const std::string& away) {
    if (database == nullptr && route_->database == Database::needed) {
      return to_response(unavailable("the database is not available: try again"));
    }
    try {
      Context context{database, away, server_->actions, server_->metrics};
      auto response = handler(context, request_);
      return response ? std::move(*response) : to_response(response.error());
    } catch (const std::exception& error) {
      spdlog::error("api: {} {} failed: {}", request_.method, route_->path, error.what());
      Problem problem;
      problem.type = "internal";
      problem.detail = "the service failed at this request; its log says why";
      return to_response(problem);
    }
  }

  /// What goes on on the I/O thread with what `work` found out on a worker. The session's last
  /// owner must never be the worker: whatever a session holds ends on the I/O thread.
  using Then = std::function<void(Session&)>;
  using Work = std::function<Then(pg::Connection*, const std::string&)>;
  static Then outcome_of(const Work& work, pg::Connection* database, const std::string& away) {
    try {
      return work(database, away);
    } catch (const std::exception& error) {
      spdlog::error("api: an answer could not be made: {}", error.what());
      return [](Session& session) { session.close(); };
    }
  }
  bool post_work(Work work) {
    return server_->workers.post([self = shared_from_this(), work = std::move(work)](
                                     pg::Connection* database, const std::string& away) mutable {
      auto then = outcome_of(work, database, away);
      auto executor = self->stream_.get_executor();
      asio::post(executor, [owner = std::move(self), then = std::move(then)] { then(*owner); });
    });
  }
  void run_on_worker(Work work) {
    if (!post_work(std::move(work))) refuse(unavailable("the service is busy: try again"));
  }

  /// Answers before the body was read: the connection cannot be used further.
  void refuse(const Problem& problem) {
    close_after_ = !body_is_read();
    write(to_response(problem));
  }

  void write(Response response) {
    auto& metrics = server_->metrics;
    metrics.http_responses(response.status).Increment();
    metrics.http_seconds.Observe(std::chrono::duration<double>(Clock::now() - started_).count());
    spdlog::debug("api: {} {} → {}", request_.method, request_.path, response.status);
    const auto version = of_request([](const auto& message) { return message.version(); });
    keep_alive_ = body_is_read() && !close_after_ && !server_->stopping() &&
                  of_request([](const auto& message) { return message.keep_alive(); });
    const bool streams = static_cast<bool>(response.more);
    // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
    chunked_ = streams && version >= 11;
    if (streams && !chunked_) keep_alive_ = false;
    head_part_.emplace(static_cast<http::status>(response.status), version >= 11 ? 11U : 10U);
    auto& header = *head_part_;
    header.keep_alive(keep_alive_);
    header.set(http::field::cache_control, "no-store");  // secrets are in most answers
    for (const auto& [name, value] : response.headers) header.set(name, value);
    if (response.status != 204) header.set(http::field::content_type, response.content_type);
    if (chunked_) {
      header.chunked(true);
    } else if (!streams && response.status != 204) {
      header.content_length(response.body.size());
    }
    body_ = std::move(response.body);
    more_ = std::move(response.more);
    if (head_) {
      body_.clear();
      more_ = nullptr;
      chunked_ = false;
    }
    serializer_.emplace(header);
    stream_.expires_after(write_time);
    http::async_write_header(stream_, *serializer_,
                             [self = shared_from_this()](beast::error_code error, std::size_t) {
                               if (error) return self->close();
                               self->write_piece();
                             });
  }

  void write_piece() {
    if (body_.empty()) return more_ ? fetch_piece() : finish_body();
    stream_.expires_after(write_time);
    auto written = [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->close();
      self->body_.clear();
      self->more_ ? self->fetch_piece() : self->finish_body();
    };
    if (chunked_) {
      asio::async_write(stream_, http::make_chunk(asio::buffer(body_)), std::move(written));
    } else {
      asio::async_write(stream_, asio::buffer(body_), std::move(written));
    }
  }

  void fetch_piece() {
    stream_.expires_never();
    const bool posted = post_work([this](pg::Connection* database, const std::string&) -> Then {
      auto piece = database == nullptr ? Result<std::string>(tl::unexpected(unavailable("")))
                                       : more_(*database);
      return [piece = std::move(piece)](Session& session) { session.take_piece(piece); };
    });
    if (!posted) close();
  }

  void take_piece(const Result<std::string>& piece) {
    // Half an answer is on its way: only a broken connection tells that the rest is missing.
    if (!piece) return close();
    if (piece->empty()) more_ = nullptr;
    body_ = *piece;
    write_piece();
  }

  void finish_body() {
    if (!chunked_) return finish();
    chunked_ = false;
    asio::async_write(stream_, http::make_chunk_last(),
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return self->close();
                        self->finish();
                      });
  }

  void finish() {
    body_slot_.reset();
    if (keep_alive_ && !server_->stopping()) return read_header();
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!close_after_) return close();
    // Closing with unread bytes resets the connection, and the client may never see the answer.
    stream_.expires_after(linger_time);
    linger();
  }

  void linger() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(std::size_t{64} * 1024),
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (error || self->server_->stopping()) return self->close();
                              self->linger();
                            });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::shared_ptr<Server::Impl> server_;
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
