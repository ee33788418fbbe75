// SPDX-License-Identifier: Apache-2.0
#include "service/download/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <sys/sendfile.h>
#include <unistd.h>

#include "clock/unix_ms.hpp"
#include "protocol/aes.hpp"
#include "protocol/base64.hpp"
#include "service/api/empty_lines.hpp"
#include "service/web/listener.hpp"

namespace xgate::download {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t max_header_bytes = 8 * 1024;
constexpr std::size_t first_read_bytes = 4096;
constexpr std::chrono::seconds idle_time{30};
/// For a header that is too late already.
constexpr std::chrono::seconds last_moment{1};
/// No room in the socket for so long: with the buffer below that is a client slower than some
/// hundred bytes a second.
constexpr std::chrono::seconds stall_time{120};
/// Read, sealed and written at a time by TLS; a memory of its own for each such download.
constexpr std::size_t tls_piece_bytes = std::size_t{32} * 1024;
constexpr int send_buffer_bytes = 64 * 1024;
/// What one connection may send before the others have their turn.
constexpr std::int64_t turn_bytes = 512 * 1024;
constexpr auto cache_control = "\r\nCache-Control: private, no-transform\r\n";
constexpr std::chrono::seconds known_time{1};
constexpr std::size_t max_known = 10'000;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 410:
      return "Gone";
    case 304:
      return "Not Modified";
    case 405:
      return "Method Not Allowed";
    case 412:
      return "Precondition Failed";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

/// Of a clock that never jumps.
std::int64_t monotonic_ms() {
  const auto now = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

/// Of "the upgrade …".
std::string end_of(const std::string& state) {
  if (state == "succeeded") return "has succeeded";
  if (state == "failed") return "has failed";
  return state == "cancelled" ? "was cancelled" : "ran over its time limit";
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, web::Certificate::Context tls,
                 std::unique_ptr<web::Place> place, std::shared_ptr<Shared> shared, Left left)
    : stream_(std::move(socket), std::move(tls)),
      place_(std::move(place)),
      timer_(stream_.get_executor()),
      shared_(std::move(shared)),
      left_(std::move(left)),
      buffer_(std::size_t{64} * 1024) {
  error_code ignored;
  stream_.socket().set_option(asio::socket_base::send_buffer_size(send_buffer_bytes), ignored);
  shared_->metrics.download_connections.Increment();
}

Session::~Session() {
  count_sent();
  shared_->metrics.download_connections.Decrement();
  left_(this);
}

/// Bounds one step, however slowly its bytes drip in.
void Session::limit(std::chrono::seconds patience) {
  timer_.expires_after(patience);
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->close();
  });
}

void Session::close() {
  timer_.cancel();
  stream_.close();
}

void Session::begin() {
  place_->when_lost([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->shared_->limits.refused(
        observe::Limit::download_places, self->address(),
        "a connection without a request, or that takes no answer, gave its place to another");
    self->close();
  });
  limit_header();
  stream_.async_begin([self = shared_from_this()](const error_code& error) {
    if (self->timed_out_) return self->too_late();
    error ? self->close() : self->read_request();
  });
}

void Session::limit_header() {
  header_is_limited_ = true;
  timer_.expires_after(shared_->header_time);
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || !self->header_is_limited_) return;
    self->timed_out_ = true;
    error_code ignored;
    self->stream_.socket().cancel(ignored);
    // What had just come was not pending any more: it goes on, but not for long.
    self->timer_.expires_after(last_moment);
    self->timer_.async_wait([weak](const error_code& over) {
      const auto late = weak.lock();
      if (!over && late && late->header_is_limited_) late->close();
    });
  });
}

void Session::too_late() {
  header_is_limited_ = false;
  timer_.cancel();
  const auto sentence = "no whole header came within " +
                        std::to_string(shared_->header_time.count()) + " s: [download] header_s";
  shared_->limits.refused(observe::Limit::header_time, address(), sentence);
  if (!parser_) return close();  // the handshake was not over
  refuse(408, sentence + " (LIMIT-11)");
}

void Session::read_request() {
  download_.reset();
  head_ = false;
  keep_alive_ = false;
  parser_.emplace();
  parser_->header_limit(max_header_bytes);
  parser_->body_limit(0);
  if (!header_is_limited_) {
    place_->silent(Clock::now());
    limit(idle_time);
  }
  read_request_line();
}

void Session::read_request_line() {
  if (api::begins_request(buffer_)) {
    if (!header_is_limited_) limit_header();
    return http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const error_code& error, std::size_t) {
          self->on_request(error);
        });
  }
  stream_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            if (self->timed_out_) return self->too_late();
                            if (error) return self->close();
                            self->buffer_.commit(size);
                            self->read_request_line();
                          });
}

void Session::on_request(const error_code& error) {
  header_is_limited_ = false;
  timer_.cancel();
  if (std::exchange(timed_out_, false) && error) return too_late();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(431, "the header is larger than 8 KB");
  }
  if (error == http::error::body_limit) return refuse(400, "a download has no body");
  if (error == http::error::end_of_stream || !stream_.socket().is_open()) return close();
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    return refuse(400, "this is no HTTP/1.1 request");
  }
  if (error) return close();
  const auto& request = parser_->get();
  head_ = request.method() == http::verb::head;
  // A coding that is not chunked has a body too, whose end nobody here knows.
  if (!parser_->is_done() || request.count(http::field::transfer_encoding) > 0) {
    return refuse(400, "a download has no body");
  }
  keep_alive_ = request.keep_alive() && !shared_->stopping;
  if (const auto stranger = shared_->callers.judge(web::heading_of(request))) {
    return refuse(stranger->status(), stranger->sentence);
  }
  if (!head_ && request.method() != http::verb::get) return refuse(405, "this takes GET and HEAD");
  const auto down_id = down_id_of(view(request.target()), view(request["DownID"]));
  if (!down_id) return refuse(404, "there is nothing here");
  look_up(*down_id);
}

void Session::look_up(const std::string& down_id) {
  const auto known = shared_->known.find(down_id);
  if (known != shared_->known.end() && Clock::now() < known->second.until) {
    if (!held_off(down_id, known->second.address)) serve(known->second.download);
    return;
  }
  place_->busy();  // how long that takes is not the client's affair
  // The last owner must not be the ledger's thread: what a session holds ends on the network
  // thread.
  const bool asked = shared_->ledger.find(down_id, [self = shared_from_this(),
                                                    down_id](Answer answer) mutable {
    auto executor = self->stream_.get_executor();
    asio::post(executor, [owner = std::move(self), down_id, answer = std::move(answer)]() mutable {
      owner->on_answer(down_id, std::move(answer));
    });
  });
  if (!asked) refuse(503, "busy: try again");
}

void Session::on_answer(const std::string& down_id, Answer answer) {
  shared_->known.erase(down_id);
  // Judged when it is found out, not when it is asked: many questions at a time are no way round.
  if (answer.found != Found::away && held_off(down_id, answer.address)) return;
  switch (answer.found) {
    case Found::no:
      shared_->metrics.download_unknown.Increment();
      shared_->guesses.guessed(address(), monotonic_ms());
      return refuse(404, "there is nothing here");
    case Found::over:
      return refuse(410, "this download is over: the upgrade " + end_of(answer.state) +
                             (answer.begun_anew ? ", and began anew with another DownID" : ""));
    case Found::away:
      return refuse(503, "not available now: try again");
    case Found::yes:
      break;
  }
  if (shared_->known.size() >= max_known) shared_->known.clear();
  shared_->known[down_id] = {answer.download, std::move(answer.address), Clock::now() + known_time};
  serve(std::move(answer.download));
}

bool Session::held_off(const std::string& down_id, const std::string& device_address) {
  const int wait_s = shared_->guesses.wait_s(address(), down_id, device_address, monotonic_ms());
  if (wait_s == 0) return false;
  shared_->metrics.download_held_off.Increment();
  refuse(429,
         "too many DownIDs that do not exist were asked for from this address: try again later",
         wait_s);
  return true;
}

std::string Session::address() const { return web::address_of(stream_.socket()); }

std::string Session::common_header(int status) const {
  std::string header = "HTTP/1.1 " + std::to_string(status) + " " + reason_of(status) + "\r\n";
  header += "Date: " + http_date(clock::unix_ms() / 1000) + "\r\n";
  header += keep_alive_ ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  return header;
}

/// A 404 does not tell what there would have been; 410 only who was told the DownID gets to see.
void Session::refuse(int status, const std::string& sentence, int retry_after_s) {
  place_->busy_no_more();  // who asks so may let the answer lie
  download_.reset();
  left_to_send_ = 0;
  if (status == 400 || status == 408 || status == 431) keep_alive_ = false;
  const std::string body = sentence + "\n";
  auto header = common_header(status);
  if (status == 405) header += "Allow: GET, HEAD\r\n";
  if (status == 503 || status == 429) {
    header += "Retry-After: " + std::to_string(retry_after_s) + "\r\n";
  }
  header +=
      "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  write_header(head_ ? header : header + body);
}

void Session::serve(Download download) {
  place_->busy();  // that a DownID is live is known to who was told it
  const auto& offer = download.offer;
  const auto& request = parser_->get();
  const std::string etag = "\"" + offer.sha256 + "\"";
  const auto met =
      check_preconditions({.if_match = view(request[http::field::if_match]),
                           .if_unmodified_since = view(request[http::field::if_unmodified_since]),
                           .if_none_match = view(request[http::field::if_none_match]),
                           .if_modified_since = view(request[http::field::if_modified_since])},
                          etag, download.file->modified_s());
  if (met == Precondition::failed) {
    return refuse(412, "the file is another one than the request wants: its ETag is " + etag);
  }
  if (met == Precondition::not_modified) {
    left_to_send_ = 0;
    return write_header(common_header(304) + "ETag: " + etag + "\r\nLast-Modified: " +
                        http_date(download.file->modified_s()) + cache_control + "\r\n");
  }
  Extent extent{Part::whole, 0, offer.size};
  // Range is of GET alone (RFC 9110, 14.2).
  if (!head_ &&
      if_range_holds(view(request[http::field::if_range]), etag, download.file->modified_s())) {
    extent = resolve_range(view(request[http::field::range]), offer.size);
  }
  const int status = extent.part == Part::whole ? 200 : extent.part == Part::range ? 206 : 416;
  std::string header = common_header(status);
  header += "Accept-Ranges: bytes\r\nETag: " + etag + "\r\n";
  header += "Last-Modified: " + http_date(download.file->modified_s()) + cache_control;
  if (extent.part == Part::unsatisfiable) {
    header += "Content-Range: bytes */" + std::to_string(offer.size) + "\r\n";
  } else {
    header += "Content-Type: application/octet-stream\r\n";
  }
  if (extent.part == Part::range) {
    header += "Content-Range: bytes " + std::to_string(extent.first) + "-" +
              std::to_string(extent.first + extent.length - 1) + "/" + std::to_string(offer.size) +
              "\r\n";
  }
  // Of the body that is sent, so only where that is the whole file.
  if (extent.part == Part::whole) {
    header +=
        "Content-MD5: " + protocol::to_base64(protocol::from_hex(offer.md5).value_or("")) + "\r\n";
  }
  header += "Content-Length: " + std::to_string(extent.length) + "\r\n\r\n";
  offset_ = extent.first;
  left_to_send_ = head_ ? 0 : extent.length;
  download_ = std::move(download);
  write_header(std::move(header));
}

void Session::write_header(std::string header) {
  header_ = std::move(header);
  limit(stall_time);
  asio::async_write(stream_, asio::buffer(header_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (error) return self->close();
                      self->send_file();
                    });
}

void Session::send_file() {
  if (stream_.is_tls()) return send_piece();
  std::int64_t turn = turn_bytes;
  error_code error;
  stream_.socket().native_non_blocking(true, error);
  while (!error && left_to_send_ > 0 && turn > 0) {
    off_t at = offset_;
    const auto most = static_cast<std::size_t>(std::min(left_to_send_, turn));
    const auto count =
        ::sendfile(stream_.socket().native_handle(), download_->file->descriptor(), &at, most);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return wait_for_room();
    if (count <= 0) return close();  // the client is gone, or the file was cut
    note_sent(count);
    turn -= count;
  }
  if (error) return close();
  if (left_to_send_ == 0) return finish();
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->send_file(); });
}

void Session::note_sent(std::int64_t count) {
  if (sent_ == 0 && !download_->offer.started) {
    shared_->ledger.note(download_->offer, {.started_at_ms = clock::unix_ms()});
  }
  offset_ += count;
  left_to_send_ -= count;
  sent_ += count;
  shared_->metrics.download_bytes.Increment(static_cast<double>(count));
}

void Session::send_piece() {
  if (left_to_send_ == 0) return finish();
  piece_.resize(tls_piece_bytes);
  const auto most = std::min(left_to_send_, static_cast<std::int64_t>(piece_.size()));
  const auto count = ::pread(download_->file->descriptor(), piece_.data(),
                             static_cast<std::size_t>(most), offset_);
  if (count <= 0) return close();  // the file was cut
  limit(stall_time);
  asio::async_write(stream_, asio::buffer(piece_.data(), static_cast<std::size_t>(count)),
                    [self = shared_from_this(), count](const error_code& error, std::size_t) {
                      if (error) return self->close();
                      self->note_sent(count);
                      self->send_piece();
                    });
}

void Session::wait_for_room() {
  limit(stall_time);
  stream_.socket().async_wait(asio::socket_base::wait_write,
                              [self = shared_from_this()](const error_code& error) {
                                if (error || !self->stream_.socket().is_open())
                                  return self->close();
                                self->send_file();
                              });
}

/// Once an answer, never on the way of a part of it.
void Session::count_sent() {
  if (sent_ > 0 && download_) {
    shared_->ledger.note(download_->offer, {.bytes = sent_, .sent_at_ms = clock::unix_ms()});
  }
  sent_ = 0;
}

void Session::finish() {
  count_sent();
  timer_.cancel();
  if (keep_alive_ && !shared_->stopping) return read_request();
  // What the client still sends is read, or closing would take the answer away from it.
  place_->silent(Clock::now());
  limit(std::chrono::seconds{2});
  stream_.async_end([self = shared_from_this()] { self->drain(); });
}

void Session::drain() {
  buffer_.clear();
  stream_.async_read_rest(
      buffer_.prepare(1024),
      [self = shared_from_this()](const error_code&, std::size_t) { self->close(); });
}

}  // namespace xgate::download
