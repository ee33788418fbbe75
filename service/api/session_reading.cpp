// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "service/api/empty_lines.hpp"
#include "service/api/idempotency.hpp"
#include "service/api/permission.hpp"
#include "service/api/session.hpp"
#include "service/firmware/content_store.hpp"
#include "service/store/tokens.hpp"

namespace xgate::api {
namespace {

constexpr std::uint32_t max_header_bytes = 16 * 1024;
constexpr std::size_t first_read_bytes = 4096;
// Each bounds one whole step, however slowly its bytes drip in.
/// Between two requests.
constexpr std::chrono::seconds idle_time{30};
/// For a header that is too late already.
constexpr std::chrono::seconds last_moment{1};
constexpr std::chrono::seconds json_body_time{30};
constexpr std::chrono::seconds csv_body_time{300};
constexpr std::chrono::seconds file_piece_time{60};
/// Bodies of up to 64 MB are held while they are imported: few at a time.
constexpr int max_imports = 2;
/// A file goes to disk piece by piece, each written by a worker before the next is read.
constexpr std::size_t file_piece_bytes = std::size_t{256} * 1024;
constexpr int max_uploads = 4;

Problem too_large(std::size_t limit) {
  Problem problem = bad_request("the body is larger than " + std::to_string(limit >> 20U) + " MB");
  problem.status = 413;
  problem.type = "content-too-large";
  return problem;
}

/// What came is no HTTP; a time-out or a lost connection are errors of another kind.
bool is_no_http(const beast::error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

const char* const broken_body = "the body ends before its length, or its chunks are malformed";

}  // namespace

void Session::begin() {
  place_->when_lost([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->server_->limits.refused(
        observe::Limit::http_places, self->address(),
        "a connection without a request, or that takes no answer, gave its place to another");
    self->close();
  });
  waiting_ = true;
  limit_header();
  stream_.async_begin([self = shared_from_this()](beast::error_code error) {
    if (self->timed_out_) return self->too_late();
    error ? self->close() : self->read_header();
  });
}

void Session::limit_header() {
  header_is_limited_ = true;
  header_timer_.expires_after(server_->header_time);
  header_timer_.async_wait([weak = weak_from_this()](beast::error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || !self->header_is_limited_) return;
    self->timed_out_ = true;
    beast::error_code ignored;
    self->stream_.socket().cancel(ignored);
    // What had just come was not pending any more: it goes on, but not for long.
    self->header_timer_.expires_after(last_moment);
    self->header_timer_.async_wait([weak](beast::error_code over) {
      const auto late = weak.lock();
      if (!over && late && late->header_is_limited_) late->close();
    });
  });
}

void Session::too_late() {
  header_is_limited_ = false;
  header_timer_.cancel();
  const auto sentence = "no whole header came within " +
                        std::to_string(server_->header_time.count()) + " s: [http] header_s";
  server_->limits.refused(observe::Limit::header_time, address(), sentence);
  if (!parser_) return close();  // the handshake was not over
  waiting_ = false;
  started_ = Clock::now();
  refuse(request_timeout(sentence + " (LIMIT-11)"));
}

void Session::read_header() {
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
  if (header_is_limited_) {
    stream_.expires_never();
  } else {
    place_->silent(Clock::now());
    stream_.expires_after(idle_time);
  }
  read_request_line();
}

void Session::read_request_line() {
  if (begins_request(buffer_)) {
    stream_.expires_never();
    if (!header_is_limited_) limit_header();
    return http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) {
          self->on_header(error);
        });
  }
  stream_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](beast::error_code error, std::size_t size) {
                            if (self->timed_out_) return self->too_late();
                            if (error) return self->close();
                            self->buffer_.commit(size);
                            self->read_request_line();
                          });
}

void Session::on_header(beast::error_code error) {
  header_is_limited_ = false;
  header_timer_.cancel();
  if (std::exchange(timed_out_, false) && error) return too_late();
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
  if (is_no_http(error)) return refuse(bad_request("this is no HTTP/1.1 request"));
  if (error) return close();  // a time-out, or the client is gone: nobody to answer
  accept_request();
}

void Session::accept_request() {
  const auto& header = parser_->get();
  // Where another coding ends nobody here knows: what follows must not be read as a request.
  if (header.count(http::field::transfer_encoding) > 0 && !parser_->chunked()) {
    close_after_ = true;
    return refuse(bad_request("the only Transfer-Encoding taken here is chunked"));
  }
  if (const auto stranger = server_->callers(door_).judge(web::heading_of(header))) {
    return refuse(api::stranger(stranger->status(), stranger->sentence));
  }
  auto target = parse_target({header.target().data(), header.target().size()});
  if (!target) return refuse(target.error());
  request_.method = std::string(header.method_string());
  head_ = request_.method == "HEAD";  // answered as GET, without the body
  if (head_) request_.method = "GET";
  if (door_ == Door::api && target->path == "/metrics" && server_->has_metrics_door()) {
    return refuse(not_found("/metrics is served at an address of its own: [metrics] address"));
  }
  match_ =
      find_route(door_ == Door::api ? routes() : metrics_routes(), request_.method, target->path);
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
  const auto tags = header[http::field::if_none_match];
  request_.if_none_match.assign(tags.data(), tags.size());
  // Strangers do not even learn which paths there are.
  const bool open = *match_ ? (*match_)->route->access == Access::open
                            : door_ != Door::api || !request_.path.starts_with("/api/");
  open ? take_route() : authorize();
}

void Session::take_route() {
  if (!*match_) return refuse(match_->error());
  route_ = (*match_)->route;
  request_.parameters = std::move((*match_)->parameters);
  if (auto may = check_role(*route_, request_.caller); !may) return refuse(may.error());
  const auto& header = parser_->get();
  const auto type = header[http::field::content_type];
  if (auto fits = check_content_type(*route_, {type.data(), type.size()}); !fits) {
    return refuse(fits.error());
  }
  if (auto fits = take_key(); !fits) return refuse(fits.error());
  const auto limit = limit_of_body();
  if (parser_->content_length().value_or(0) > limit) return refuse(too_large(limit));
  parser_->body_limit(limit);
  route_->before == nullptr ? read_body() : check_before();
}

Result<void> Session::take_key() {
  constexpr const char* name = "Idempotency-Key";
  const auto& header = parser_->get();
  const auto count = header.count(name);
  if (route_->method != "POST" || count == 0) return {};
  const auto key = header[name];
  request_.idempotency_key.assign(key.data(), key.size());
  if (count == 1 && is_idempotency_key(request_.idempotency_key)) return {};
  return tl::unexpected(
      bad_request("Idempotency-Key must be given once, as 1 to 255 visible ASCII characters"));
}

std::size_t Session::limit_of_body() const {
  return route_->body == Body::file ? server_->max_file_bytes : body_limit(*route_);
}

void Session::check_before() {
  stream_.expires_never();
  run_on_worker([this](pg::Connection* database, const std::string& away) -> Then {
    auto refusal = in_readers_language(run(route_->before, database, away));
    // What is refused now may be a request that was done and is asked for again.
    if (refusal.status >= 400 && database != nullptr && has_answer(*database, request_)) {
      refusal = {};
    }
    return [refusal = std::move(refusal)](Session& session) {
      if (refusal.status < 400) return session.read_body();
      session.close_after_ = !session.body_is_read();
      session.write(refusal);
    };
  });
}

void Session::authorize() {
  const auto field = parser_->get()[http::field::authorization];
  const auto token = bearer_token({field.data(), field.size()});
  if (!token) return refuse(unauthorized("send a token: Authorization: Bearer TOKEN"));
  request_.token_hash = store::token_hash(*token);
  place_->busy();  // how long a token is judged is not its sender's affair
  stream_.expires_never();
  const int wait_s = server_->token_wait_s(address());
  wait_s > 0 ? doubt_token(wait_s) : judge_token();
}

void Session::doubt_token(int wait_s) {
  using Answer = TokenLookup::Answer;
  server_->lookup->ask(request_.token_hash, [self = shared_from_this(), wait_s](Answer answer) {
    if (answer == Answer::known) return self->judge_token();
    if (answer == Answer::unknown) return self->refuse(too_many_failures(wait_s));
    self->refuse(unavailable("the database is not available: try again"));
  });
}

void Session::judge_token() {
  const auto hash = request_.token_hash;
  run_on_worker([hash](pg::Connection* database, const std::string&) -> Then {
    auto found = database == nullptr ? Grant(tl::unexpected(pg::Error{"", "", true}))
                                     : store::find_grant(*database, hash);
    return [found = std::move(found)](Session& session) { session.admit(found); };
  });
}

void Session::admit(const Grant& found) {
  if (!found) return refuse(unavailable("the database is not available: try again"));
  if (!*found) {
    server_->token_was_wrong(address());
    return refuse(unauthorized("this token is not valid"));
  }
  if (const auto& expired = (*found)->expired_at) {
    return refuse(unauthorized("this token expired at " + *expired));
  }
  request_.address = address();
  server_->token_was_good(request_.address);
  request_.caller = **found;
  take_route();
}

std::string Session::address() const { return web::address_of(stream_.socket()); }

bool Session::take_slot(int Server::Impl::*count, int most) {
  if (server_.get()->*count >= most) return false;
  ++(server_.get()->*count);
  body_slot_ = std::shared_ptr<void>(
      nullptr, [server = server_, count](void*) { --(server.get()->*count); });
  return true;
}

void Session::read_body() {
  if (route_->body == Body::none) {
    close_after_ = !body_is_read();
    return handle();
  }
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

void Session::write_continue() {
  auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(stream_, *go_on,
                    [self = shared_from_this(), go_on](beast::error_code error, std::size_t) {
                      if (error) return self->close();
                      self->read_rest();
                    });
}

void Session::read_rest() {
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
                     if (is_no_http(error)) return self->refuse(bad_request(broken_body));
                     if (error) return self->close();
                     self->handle();
                   });
}

void Session::read_file_piece() {
  auto& body = file_parser_->get().body();
  body.data = piece_.data();
  body.size = piece_.size();
  stream_.expires_after(file_piece_time);
  http::async_read(stream_, buffer_, *file_parser_,
                   [self = shared_from_this()](beast::error_code error, std::size_t) {
                     if (error == http::error::body_limit) {
                       return self->refuse(too_large(self->limit_of_body()));
                     }
                     if (error == http::error::need_buffer) error = {};
                     if (is_no_http(error)) return self->refuse(bad_request(broken_body));
                     if (error) return self->close();
                     self->store_file_piece();
                   });
}

void Session::store_file_piece() {
  stream_.expires_never();
  run_on_worker([this](pg::Connection*, const std::string&) -> Then {
    auto stored = write_file_piece();
    return [stored = std::move(stored)](Session& session) {
      if (!stored) return session.refuse(stored.error());
      session.file_parser_->is_done() ? session.handle() : session.read_file_piece();
    };
  });
}

Result<void> Session::write_file_piece() {
  if (server_->actions.firmware == nullptr) {
    return tl::unexpected(unavailable("this service keeps no files"));
  }
  const auto size = piece_.size() - file_parser_->get().body().size;
  if (size == 0) return {};  // the end of a chunked body; without any other piece it is empty
  if (!request_.file) {
    auto file = server_->actions.firmware->receive();
    if (!file) return tl::unexpected(from_disk(file.error()));
    request_.file = std::move(*file);
  }
  if (auto written = request_.file->write({piece_.data(), size}); !written) {
    return tl::unexpected(from_disk(written.error()));
  }
  return {};
}

void Session::drop_file() {
  if (!request_.file) return;
  server_->workers.post([file = std::move(request_.file)](pg::Connection*, const std::string&) {});
}

void Session::handle() {
  if (!file_parser_) request_.body = std::move(parser_->get().body());
  if (route_->database == Database::nothing) {
    return write(in_readers_language(run(route_->handler, nullptr, server_->workers.away())));
  }
  stream_.expires_never();
  run_on_worker([this](pg::Connection* database, const std::string& away) -> Then {
    return
        [response = in_readers_language(run(route_->handler, database, away))](Session& session) {
          response.later ? session.park(response) : session.write(response);
        };
  });
}

}  // namespace xgate::api
