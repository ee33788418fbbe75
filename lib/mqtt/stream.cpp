// SPDX-License-Identifier: Apache-2.0
#include "mqtt/stream.hpp"

#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace xgate::mqtt {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string text_of(const error_code& error) {
  if (!error) return {};
  const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  return ended ? "the broker closed it" : error.message();
}

/// The part that both have: the socket, and how it gets connected.
class SocketStream : public Stream, public std::enable_shared_from_this<SocketStream> {
 public:
  explicit SocketStream(const asio::any_io_executor& executor) : resolver_(executor) {}

  void connect(const std::string& host, std::uint16_t port, Connected done) override {
    host_ = host;
    connected_ = std::move(done);
    resolver_.async_resolve(
        host, std::to_string(port),
        [self = shared_from_this()](const error_code& error,
                                    const tcp::resolver::results_type& to) {
          if (error) return self->finish("the name cannot be looked up: " + error.message());
          self->connect_to(to);
        });
  }

  void shutdown_write() noexcept override {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() noexcept override {
    closed_ = true;
    resolver_.cancel();
    error_code ignored;
    socket().close(ignored);
  }

 protected:
  virtual tcp::socket& socket() noexcept = 0;
  virtual void secure() = 0;  ///< after the TCP connection; ends with finish()

  void finish(const std::string& error) {
    const Connected done = std::exchange(connected_, {});
    if (done) done(error);
  }
  const std::string& host() const noexcept { return host_; }

 private:
  void connect_to(const tcp::resolver::results_type& to) {
    if (closed_) return finish("closed");
    asio::async_connect(socket(), to,
                        [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                          if (error) return self->finish(error.message());
                          if (self->closed_) return self->finish("closed");
                          self->set_options();
                          self->secure();
                        });
  }

  void set_options() {
    error_code ignored;
    socket().set_option(tcp::no_delay(true), ignored);  // writes are gathered already
    // A broker that started again unseen, or a network that swallows everything, is noticed in
    // seconds, not after MQTT's keepalive. A broker that is only busy has a kernel that answers.
    socket().set_option(asio::socket_base::keep_alive(true), ignored);
    for (const auto& [name, value] :
         {std::pair(TCP_KEEPIDLE, 5), std::pair(TCP_KEEPINTVL, 5), std::pair(TCP_KEEPCNT, 4),
          std::pair(TCP_USER_TIMEOUT, 30'000)}) {
      (void)::setsockopt(socket().native_handle(), IPPROTO_TCP, name, &value, sizeof value);
    }
  }

  tcp::resolver resolver_;
  std::string host_;
  Connected connected_;
  bool closed_ = false;
};

class TcpStream final : public SocketStream {
 public:
  explicit TcpStream(const asio::any_io_executor& executor)
      : SocketStream(executor), socket_(executor) {}

  void read_some(std::span<char> into, Moved done) override {
    socket_.async_read_some(
        asio::buffer(into.data(), into.size()),
        [self = shared_from_this(), done = std::move(done)](
            const error_code& error, std::size_t size) { done(text_of(error), size); });
  }
  void write(std::string_view bytes, Moved done) override {
    asio::async_write(
        socket_, asio::buffer(bytes.data(), bytes.size()),
        [self = shared_from_this(), done = std::move(done)](
            const error_code& error, std::size_t size) { done(text_of(error), size); });
  }

 private:
  tcp::socket& socket() noexcept override { return socket_; }
  void secure() override { finish({}); }

  tcp::socket socket_;
};

class TlsStream final : public SocketStream {
 public:
  TlsStream(const asio::any_io_executor& executor, const std::string& ca_file)
      : SocketStream(executor), context_(asio::ssl::context::tls_client) {
    prepare(ca_file);
    stream_.emplace(executor, context_);
  }

  void read_some(std::span<char> into, Moved done) override {
    stream_->async_read_some(
        asio::buffer(into.data(), into.size()),
        [self = shared_from_this(), done = std::move(done)](
            const error_code& error, std::size_t size) { done(text_of(error), size); });
  }
  void write(std::string_view bytes, Moved done) override {
    asio::async_write(
        *stream_, asio::buffer(bytes.data(), bytes.size()),
        [self = shared_from_this(), done = std::move(done)](
            const error_code& error, std::size_t size) { done(text_of(error), size); });
  }

 private:
  tcp::socket& socket() noexcept override { return stream_->next_layer(); }

  void prepare(const std::string& ca_file) {
    error_code error;
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    context_.set_verify_mode(asio::ssl::verify_peer, error);
    if (ca_file.empty()) {
      context_.set_default_verify_paths(error);
    } else {
      context_.load_verify_file(ca_file, error);
    }
    if (error) failure_ = "the CA file \"" + ca_file + "\" cannot be used: " + error.message();
  }

  void secure() override {
    if (!failure_.empty()) return finish(failure_);
    SSL* ssl = stream_->native_handle();
    error_code not_an_address;
    asio::ip::make_address(host(), not_an_address);
    if (not_an_address) {
      SSL_set_tlsext_host_name(ssl, host().c_str());  // names only (RFC 6066)
      SSL_set1_host(ssl, host().c_str());
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host().c_str());
    }
    stream_->async_handshake(
        asio::ssl::stream_base::client,
        [self = shared_from_this(), this](const error_code& failed) { finish(explain(failed)); });
  }

  std::string explain(const error_code& error) {
    if (!error) return {};
    const long verdict = SSL_get_verify_result(stream_->native_handle());
    if (verdict != X509_V_OK)
      return std::string(untrusted) + ": " + X509_verify_cert_error_string(verdict);
    return "TLS handshake failed: " + error.message();
  }

  asio::ssl::context context_;
  std::optional<asio::ssl::stream<tcp::socket>> stream_;
  std::string failure_;
};

}  // namespace

std::shared_ptr<Stream> make_stream(const asio::any_io_executor& executor,
                                    const StreamOptions& options) {
  if (options.tls) return std::make_shared<TlsStream>(executor, options.ca_file);
  return std::make_shared<TcpStream>(executor);
}

}  // namespace xgate::mqtt
