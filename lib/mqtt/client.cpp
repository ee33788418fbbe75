// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "mqtt/client_impl.hpp"
#include "mqtt/reason.hpp"

namespace xgate::mqtt {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::uint16_t whole_seconds(milliseconds time) {
  const auto seconds = (time.count() + 999) / 1000;
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(seconds, 0, 65535));
}

}  // namespace

template <class Function>
void Client::Impl::after(milliseconds time, Function function) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), function, state = state_, c = connection_,
                     run = run_](const boost::system::error_code& error) {
    // A wait that was due may no longer be cancelled: it must still fit what it was for.
    if (error || self->run_ != run || self->state_ != state || self->connection_ != c) return;
    function();
  });
}

// ---- connecting and losing -------------------------------------------------------------------

void Client::Impl::connect() {
  state_ = State::connecting;
  connection_ = std::make_shared<Connection>(
      ++connections_, make_stream(executor_, {options_.tls, options_.ca_file}), options_);
  after(options_.connect_timeout, [this] {
    lost("no answer within " + std::to_string(options_.connect_timeout.count()) + " ms");
  });
  connection_->stream->connect(
      options_.host, options_.port,
      [self = shared_from_this(), c = connection_](const std::string& error) {
        if (!self->is_current(c)) return;
        if (!error.empty()) return self->lost(error);
        self->send_connect(c);
      });
}

void Client::Impl::send_connect(const ConnectionPtr& c) {
  Connect connect;
  connect.client_id = client_id_;
  connect.username = options_.username;
  connect.password = options_.password;
  connect.clean_start = options_.clean_start;
  connect.keepalive_s = whole_seconds(options_.keepalive);
  connect.will = options_.will;
  if (options_.session_expiry_s > 0)
    connect.properties.session_expiry_s = options_.session_expiry_s;
  if (options_.receive_maximum > 0) connect.properties.receive_maximum = options_.receive_maximum;
  if (options_.maximum_packet_size > 0)
    connect.properties.maximum_packet_size = options_.maximum_packet_size;
  if (use_authentication_) {
    connect.properties.authentication_method = options_.authentication_method;
    connect.properties.authentication_data = options_.authentication_data;
  }
  const Encoded encoded = encode_connect(connect, options_.version, c->queued);
  if (!encoded) return lost(encoded.error());
  flush(c);
  read(c);
}

void Client::Impl::on_connack(const ConnectionPtr& c, const Connack& connack) {
  const Properties& properties = connack.properties;
  if (connack.reason_code != 0) {
    std::string reason = "the login was refused: ";
    reason += connack_reason(options_.version, connack.reason_code);
    if (!properties.reason_string.empty()) reason += ": " + properties.reason_string;
    return lost(reason, connack.reason_code);
  }
  c->receive_maximum = std::min<std::size_t>(
      properties.receive_maximum.value_or(std::numeric_limits<std::uint16_t>::max()),
      inflight_limit);
  if (properties.maximum_packet_size) c->maximum_packet_size = *properties.maximum_packet_size;
  c->qos1_available = properties.maximum_qos.value_or(1) > 0;
  c->retain_available = properties.retain_available.value_or(true);
  c->keepalive = properties.server_keep_alive_s
                     ? std::chrono::seconds(*properties.server_keep_alive_s)
                     : options_.keepalive;
  if (!properties.assigned_client_id.empty()) client_id_ = properties.assigned_client_id;
  authentication_answer_ = properties.authentication_data;
  c->connected_at = Clock::now();
  state_ = State::connected;
  timer_.cancel();
  if (c->keepalive.count() > 0) after(c->keepalive, [this, c] { ping(c); });
  if (handlers_.on_connected) handlers_.on_connected(connack.session_present);
}

void Client::Impl::lost(const std::string& reason, int reason_code) {
  const bool was_connected = state_ == State::connected;
  const ConnectionPtr c = std::exchange(connection_, nullptr);
  c->stream->close();
  timer_.cancel();
  state_ = State::idle;
  if (options_.reconnect) {
    // A connection that held was no part of a row of failures.
    if (was_connected && Clock::now() - c->connected_at >= options_.backoff_max) attempts_ = 0;
    state_ = State::waiting;
    after(next_backoff(), [this] { connect(); });
  }
  const std::uint64_t run = run_;
  const auto settle = [this, run](const Done& done) {
    if (done && run_ == run) done(false);
  };
  for (const Done& done : c->writing_dones) settle(done);
  for (const Done& done : c->queued_dones) settle(done);
  for (const auto& [id, done] : c->inflight) settle(done);
  for (const HeldPublish& held : c->held) settle(held.done);
  if (run_ != run || !handlers_.on_disconnected) return;
  const char* what = was_connected ? "the connection to " : "cannot connect to ";
  handlers_.on_disconnected(what + endpoint_ + (was_connected ? " was lost: " : ": ") + reason,
                            reason_code);
}

void Client::Impl::break_off(const ConnectionPtr& c, const DecodeError& error) {
  // The write goes to the kernel at once where its buffer has room, which is all we ask of it.
  if (options_.version == Version::v5 && c->writing.empty()) {
    encode_disconnect(error.reason_code, options_.version, c->writing);
    c->stream->write(c->writing, [c](const std::string&, std::size_t) {});
  }
  lost("the broker does not speak MQTT as it should: " + error.reason);
}

milliseconds Client::Impl::next_backoff() {
  const auto least = std::max<std::int64_t>(options_.backoff_min.count(), 1);
  const auto most = std::max<std::int64_t>(options_.backoff_max.count(), least);
  std::int64_t delay = least;
  for (unsigned i = 0; i < attempts_ && delay < most; ++i) delay *= 2;
  delay = std::min(delay, most);
  ++attempts_;
  // Half of it at random, so that clients which lost one broker together do not return together.
  return milliseconds(std::uniform_int_distribution<std::int64_t>(delay / 2, delay)(random_));
}

void Client::Impl::stop(std::function<void()> done) {
  ++run_;
  if (done) stopped_.push_back(std::move(done));
  if (state_ == State::draining) {
    after(options_.stop_timeout, [this] { finish_stop(); });
    return;
  }
  timer_.cancel();
  if (state_ != State::connected) {
    if (connection_) std::exchange(connection_, nullptr)->stream->close();
    state_ = State::idle;
    asio::post(executor_, [self = shared_from_this(), stopped = std::exchange(stopped_, {})] {
      self->call(stopped);
    });
    return;
  }
  state_ = State::draining;
  const ConnectionPtr c = connection_;
  c->queued_dones.clear();
  c->writing_dones.clear();
  c->inflight.clear();
  c->held.clear();
  encode_disconnect(0, options_.version, c->queued);
  after(options_.stop_timeout, [this] { finish_stop(); });
  flush(c);
  read(c);
}

void Client::Impl::finish_stop() {
  timer_.cancel();
  if (connection_) std::exchange(connection_, nullptr)->stream->close();
  state_ = State::idle;
  call(std::exchange(stopped_, {}));
}

void Client::Impl::call(const std::vector<std::function<void()>>& stopped) const {
  for (const auto& done : stopped)
    if (!abandoned_) done();
}

void Client::Impl::abandon() {
  ++run_;
  abandoned_ = true;
  timer_.cancel();
  if (connection_) std::exchange(connection_, nullptr)->stream->close();
  state_ = State::idle;
}

void Client::Impl::ping(const ConnectionPtr& c) {
  c->heard = false;
  encode_pingreq(c->queued);
  flush_soon(c);
  const Clock::time_point sent = Clock::now();
  after(std::min(options_.ping_timeout, c->keepalive), [this, c, sent] { check_ping(c, sent); });
}

void Client::Impl::check_ping(const ConnectionPtr& c, Clock::time_point sent) {
  // A broker that is busy sending lives, though its PINGRESP waits behind the rest.
  if (!c->heard && !paused_)
    return lost("no answer to PINGREQ within " +
                std::to_string(std::min(options_.ping_timeout, c->keepalive).count()) + " ms");
  const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - sent);
  after(std::max(c->keepalive - passed, milliseconds(0)), [this, c] { ping(c); });
}

// ---- the public face -------------------------------------------------------------------------

Client::Client(asio::any_io_executor executor, ClientOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), std::move(handlers))) {}
Client::~Client() { impl_->abandon(); }

void Client::start() { impl_->start(); }
void Client::stop(std::function<void()> done) { impl_->stop(std::move(done)); }
void Client::subscribe(const std::vector<Subscription>& subscriptions) {
  impl_->subscribe(subscriptions);
}
void Client::unsubscribe(const std::vector<std::string>& filters) { impl_->unsubscribe(filters); }
void Client::publish(Publish message, std::function<void(bool delivered)> done) {
  impl_->publish(std::move(message), std::move(done));
}
void Client::acknowledge(AckToken token) { impl_->acknowledge(token); }
void Client::pause_reading() { impl_->pause_reading(); }
void Client::resume_reading() { impl_->resume_reading(); }
void Client::use_authentication(bool use) noexcept { impl_->use_authentication(use); }
const std::string& Client::authentication_answer() const noexcept {
  return impl_->authentication_answer();
}
bool Client::connected() const noexcept { return impl_->connected(); }
std::size_t Client::write_backlog_bytes() const noexcept { return impl_->write_backlog_bytes(); }
const std::string& Client::client_id() const noexcept { return impl_->client_id(); }

}  // namespace xgate::mqtt
