// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <utility>

#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/write.hpp>

#include "service/api/language.hpp"
#include "service/api/session.hpp"
#include "service/observe/log.hpp"

namespace xgate::api {
namespace {

constexpr std::chrono::seconds write_time{60};
constexpr std::chrono::seconds linger_time{5};

}  // namespace

void Session::refuse(const Problem& problem) {
  close_after_ = close_after_ || !body_is_read();
  write(in_readers_language(to_response(problem)));
}

Response Session::in_readers_language(Response response) const {
  return in_language(std::move(response), of_request([](const auto& message) {
                       return std::string(message[http::field::accept_language]);
                     }));
}

void Session::write(Response response) {
  auto& metrics = server_->metrics;
  metrics.http_responses(response.status).Increment();
  metrics.http_seconds.Observe(std::chrono::duration<double>(Clock::now() - started_).count());
  observe::debug("api: {} {} → {}", observe::Quoted(request_.method),
                 observe::Quoted(request_.path), response.status);
  // A stranger may let his answer lie.
  if (request_.caller.token_id == 0) place_->busy_no_more();
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
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) header.set(http::field::content_type, response.content_type);
  if (chunked_) {
    header.chunked(true);
  } else if (!streams && has_body) {
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

void Session::write_piece() {
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

void Session::fetch_piece() {
  stream_.expires_never();
  const bool posted = post_work([this](pg::Connection* database, const std::string&) -> Then {
    auto piece = database == nullptr ? Result<std::string>(tl::unexpected(unavailable("")))
                                     : more_(*database);
    return [piece = std::move(piece)](Session& session) { session.take_piece(piece); };
  });
  if (!posted) close();
}

void Session::take_piece(const Result<std::string>& piece) {
  // Half an answer is on its way: only a broken connection tells that the rest is missing.
  if (!piece) return close();
  if (piece->empty()) more_ = nullptr;
  body_ = *piece;
  write_piece();
}

void Session::finish_body() {
  if (!chunked_) return finish();
  chunked_ = false;
  asio::async_write(stream_, http::make_chunk_last(),
                    [self = shared_from_this()](beast::error_code error, std::size_t) {
                      if (error) return self->close();
                      self->finish();
                    });
}

void Session::finish() {
  body_slot_.reset();
  if (keep_alive_ && !server_->stopping()) return read_header();
  // Closing with unread bytes resets the connection, and the client may never see the answer: an
  // empty line behind its request is enough.
  place_->silent(Clock::now());
  stream_.expires_after(linger_time);
  stream_.async_end([self = shared_from_this()] { self->linger(); });
}

void Session::linger() {
  buffer_.clear();
  stream_.async_read_rest(buffer_.prepare(std::size_t{64} * 1024),
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                            if (error || self->server_->stopping()) return self->close();
                            self->linger();
                          });
}

}  // namespace xgate::api
