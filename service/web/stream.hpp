// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "service/web/certificate.hpp"

namespace xgate::web {

/// A client's connection, plain or by TLS; the only place that knows which, but for who looks at
/// is_tls(). An AsyncReadStream and AsyncWriteStream with Beast's time limits.
class Stream {
 public:
  using Tcp = boost::beast::tcp_stream;
  using executor_type = Tcp::executor_type;
  using Error = boost::system::error_code;

  /// `tls` null: plain.
  Stream(boost::asio::ip::tcp::socket socket, Certificate::Context tls)
      : tcp_(std::move(socket)), context_(std::move(tls)) {
    if (context_) tls_.emplace(tcp_, *context_);
  }

  Stream(const Stream&) = delete;  // the TLS part refers to the other
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  bool is_tls() const noexcept { return tls_.has_value(); }
  boost::asio::ip::tcp::socket& socket() noexcept { return tcp_.socket(); }
  const boost::asio::ip::tcp::socket& socket() const noexcept { return tcp_.socket(); }
  template <class Duration>
  void expires_after(Duration time) {
    tcp_.expires_after(time);
  }
  void expires_never() { tcp_.expires_never(); }

  /// done(Error): requests may be read.
  template <class Done>
  void async_begin(Done done) {
    if (tls_) return tls_->async_handshake(boost::asio::ssl::stream_base::server, std::move(done));
    boost::asio::post(tcp_.get_executor(), [done = std::move(done)]() mutable { done(Error()); });
  }
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return (void)tls_->async_read_some(buffers, std::forward<Handler>(handler));
    tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) return (void)tls_->async_write_some(buffers, std::forward<Handler>(handler));
    tcp_.async_write_some(buffers, std::forward<Handler>(handler));
  }
  /// done(): nothing more is written, and the client knows that it has it all.
  template <class Done>
  void async_end(Done done) {
    auto ended = [this, done = std::move(done)](const Error&) mutable {
      Error ignored;
      socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
      done();
    };
    if (tls_) return tls_->async_shutdown(std::move(ended));
    ended(Error());
  }
  /// Whatever still comes, behind the end too; what it says is lost.
  template <class Buffers, class Handler>
  void async_read_rest(const Buffers& buffers, Handler&& handler) {
    tcp_.async_read_some(buffers, std::forward<Handler>(handler));
  }
  void close() {
    Error ignored;
    socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    tcp_.close();
  }

 private:
  Tcp tcp_;
  Certificate::Context context_;
  std::optional<boost::asio::ssl::stream<Tcp&>> tls_;
};

}  // namespace xgate::web
