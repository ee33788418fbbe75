// SPDX-License-Identifier: Apache-2.0
#include "mqtt/client.hpp"

#include <algorithm>
#include <bitset>
#include <deque>
#include <limits>
#include <random>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/decoder.hpp"
#include "mqtt/packets.hpp"
#include "mqtt/reason.hpp"
#include "mqtt/stream.hpp"

namespace xgate::mqtt {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Done = std::function<void(bool delivered)>;

constexpr std::size_t read_size = std::size_t{64} * 1024;
constexpr std::size_t kept_capacity = std::size_t{1} << 20;  ///< of an empty write buffer
constexpr int quota_exceeded = 0x97;
// Together they leave packet ids free, whatever receive maximum the broker grants.
constexpr std::size_t inflight_limit = 60000;
constexpr std::size_t requests_limit = 5000;

struct HeldPublish {
  Publish message;
  Done done;
  std::size_t size() const { return message.topic.size() + message.payload.size(); }
};

/// All that ends with a connection. Completions hold it, and compare it with the client's current
/// one: what comes late from an old connection finds nothing to touch.
struct Connection {
  Connection(std::uint64_t connection_number, std::shared_ptr<Stream> connection_stream,
             const ClientOptions& options)
      : number(connection_number),
        stream(std::move(connection_stream)),
        decoder(options.version, options.maximum_packet_size) {}

  std::uint64_t number;
  std::shared_ptr<Stream> stream;
  Decoder decoder;
  bool reading = false;
  bool processing = false;

  std::string queued;   ///< gathers while `writing` is under way
  std::string writing;  ///< empty: no write under way
  std::vector<Done> queued_dones;
  std::vector<Done> writing_dones;
  bool flush_posted = false;

  std::bitset<65536> unacknowledged;  ///< delivered, and not yet acknowledged by the user
  std::bitset<65536> exactly_once;    ///< those of QoS 2, until their PUBREL
  std::unordered_map<std::uint16_t, Done> inflight;
  std::unordered_set<std::uint16_t> requests;  ///< SUBSCRIBE and UNSUBSCRIBE under way
  std::deque<HeldPublish> held;                ///< beyond the broker's receive maximum
  std::size_t held_bytes = 0;
  std::uint16_t last_packet_id = 0;

  // What the broker's CONNACK allows.
  std::size_t receive_maximum = inflight_limit;
  std::size_t maximum_packet_size = std::numeric_limits<std::size_t>::max();
  bool qos1_available = true;
  bool retain_available = true;
  milliseconds keepalive{0};

  Clock::time_point connected_at;
  bool heard = false;  ///< since the last PINGREQ

  std::uint16_t new_packet_id() {
    do {
      ++last_packet_id;
    } while (last_packet_id == 0 || inflight.contains(last_packet_id) ||
             requests.contains(last_packet_id));
    return last_packet_id;
  }
};

using ConnectionPtr = std::shared_ptr<Connection>;

std::uint16_t whole_seconds(milliseconds time) {
  const auto seconds = (time.count() + 999) / 1000;
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(seconds, 0, 65535));
}

}  // namespace

class Client::Impl : public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(asio::any_io_executor executor, ClientOptions options, Handlers handlers)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        handlers_(std::move(handlers)),
        client_id_(options_.client_id),
        endpoint_(options_.host + ":" + std::to_string(options_.port)),
        timer_(executor_),
        random_(std::random_device{}()) {}

  void start() {
    if (state_ != State::idle || abandoned_) return;
    ++run_;
    attempts_ = 0;
    connect();
  }

  void stop(std::function<void()> done);
  void abandon();
  void subscribe(const std::vector<Subscription>& subscriptions);
  void unsubscribe(const std::vector<std::string>& filters);
  void publish(Publish message, Done done);
  void acknowledge(AckToken token);
  void pause_reading() { paused_ = true; }
  void resume_reading();
  bool connected() const noexcept { return state_ == State::connected; }
  std::size_t write_backlog_bytes() const noexcept;
  const std::string& client_id() const noexcept { return client_id_; }

 private:
  enum class State : std::uint8_t {
    idle,        // not started, or stopped
    connecting,  // from the look-up of the name to CONNACK
    connected,   //
    waiting,     // for the next attempt
    draining,    // stopping: what is queued leaves
  };

  bool is_current(const ConnectionPtr& c) const noexcept { return connection_ == c; }
  template <class Function>
  void after(milliseconds time, Function function);

  // Connecting and losing
  void connect();
  void send_connect(const ConnectionPtr& c);
  void on_connack(const ConnectionPtr& c, const Connack& connack);
  void lost(const std::string& reason, int reason_code = 0);
  void break_off(const ConnectionPtr& c, const DecodeError& error);
  milliseconds next_backoff();
  void finish_stop();
  void call(const std::vector<std::function<void()>>& stopped) const;
  void ping(const ConnectionPtr& c);
  void check_ping(const ConnectionPtr& c, Clock::time_point sent);

  // Reading
  void read(const ConnectionPtr& c);
  void on_read(const ConnectionPtr& c, const std::string& error, std::size_t size);
  void process(const ConnectionPtr& c);
  void handle(const ConnectionPtr& c, Packet& packet);
  void on_delivery(const ConnectionPtr& c, Delivery& delivery);
  void on_puback(const ConnectionPtr& c, const Puback& puback);

  // Writing
  void send_publish(const ConnectionPtr& c, const Publish& message, Done done);
  void release_held(const ConnectionPtr& c);
  void flush_soon(const ConnectionPtr& c);
  void flush(const ConnectionPtr& c);
  void on_written(const ConnectionPtr& c, const std::string& error);
  void fail_later(Done done);

  asio::any_io_executor executor_;
  ClientOptions options_;
  Handlers handlers_;
  std::string client_id_;
  std::string endpoint_;
  asio::steady_timer timer_;  ///< of the state: connect, back-off, ping or stop
  std::minstd_rand random_;   ///< jitter only

  State state_ = State::idle;
  bool abandoned_ = false;
  bool paused_ = false;
  /// Counts start() and stop(): a callback may have called them, and then none may follow.
  std::uint64_t run_ = 0;
  std::uint64_t connections_ = 0;
  unsigned attempts_ = 0;
  ConnectionPtr connection_;
  std::vector<std::function<void()>> stopped_;
};

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

// ---- reading ---------------------------------------------------------------------------------

void Client::Impl::read(const ConnectionPtr& c) {
  if (c->reading) return;
  c->reading = true;
  c->stream->read_some(c->decoder.prepare(read_size),
                       [self = shared_from_this(), c](const std::string& error, std::size_t size) {
                         c->reading = false;
                         if (self->is_current(c)) self->on_read(c, error, size);
                       });
}

void Client::Impl::on_read(const ConnectionPtr& c, const std::string& error, std::size_t size) {
  if (state_ == State::draining) {
    if (!error.empty()) return finish_stop();
    return read(c);  // what still arrives is not ours to acknowledge any more
  }
  if (!error.empty()) return lost(error);
  c->heard = true;
  c->decoder.commit(size);
  process(c);
}

void Client::Impl::process(const ConnectionPtr& c) {
  c->processing = true;
  while (is_current(c) && state_ != State::draining) {
    // CONNACK is read even while paused, or a reconnect could not end.
    if (paused_ && state_ == State::connected) break;
    auto packet = c->decoder.next();
    if (!packet) {
      break_off(c, packet.error());
      break;
    }
    if (!*packet) {
      read(c);
      break;
    }
    handle(c, **packet);
  }
  c->processing = false;
}

void Client::Impl::resume_reading() {
  paused_ = false;
  const ConnectionPtr c = connection_;
  if (!c || state_ != State::connected) return;
  c->heard = true;  // nothing could be heard: judge the broker by the next ping
  if (c->processing || c->reading) return;
  asio::post(executor_, [self = shared_from_this(), c] {
    if (self->is_current(c) && !c->processing && !c->reading) self->process(c);
  });
}

void Client::Impl::handle(const ConnectionPtr& c, Packet& packet) {
  if (auto* connack = std::get_if<Connack>(&packet); connack || state_ == State::connecting) {
    if (!connack) return break_off(c, {0x82, "another packet came before CONNACK"});
    if (state_ == State::connected) return break_off(c, {0x82, "CONNACK came twice"});
    return on_connack(c, *connack);
  }
  if (auto* delivery = std::get_if<Delivery>(&packet)) return on_delivery(c, *delivery);
  if (auto* puback = std::get_if<Puback>(&packet)) return on_puback(c, *puback);
  if (auto* pubrel = std::get_if<Pubrel>(&packet)) {
    c->exactly_once.reset(pubrel->packet_id);
    encode_pubcomp(pubrel->packet_id, c->queued);
    return flush_soon(c);
  }
  if (auto* suback = std::get_if<Suback>(&packet)) {
    if (c->requests.erase(suback->packet_id) > 0 && handlers_.on_subscribed)
      handlers_.on_subscribed(suback->reason_codes);
    return;
  }
  if (auto* unsuback = std::get_if<Unsuback>(&packet)) {
    c->requests.erase(unsuback->packet_id);
    return;
  }
  if (auto* disconnect = std::get_if<Disconnect>(&packet)) {
    std::string reason = "the broker ended it: " + reason_text(disconnect->reason_code);
    if (!disconnect->properties.reason_string.empty())
      reason += ": " + disconnect->properties.reason_string;
    lost(reason, disconnect->reason_code);
  }
}

void Client::Impl::on_delivery(const ConnectionPtr& c, Delivery& delivery) {
  const std::uint16_t id = delivery.packet_id;
  if (delivery.publish.qos == 2) {
    if (c->exactly_once.test(id)) return;
    c->exactly_once.set(id);
  }
  if (id != 0) c->unacknowledged.set(id);
  if (handlers_.on_publish) handlers_.on_publish(std::move(delivery.publish), {c->number, id});
}

void Client::Impl::acknowledge(AckToken token) {
  const ConnectionPtr& c = connection_;
  if (state_ != State::connected || token.connection != c->number || token.packet_id == 0) return;
  if (!c->unacknowledged.test(token.packet_id)) return;
  c->unacknowledged.reset(token.packet_id);
  if (c->exactly_once.test(token.packet_id)) {
    encode_pubrec(token.packet_id, c->queued);
  } else {
    encode_puback(token.packet_id, c->queued);
  }
  flush_soon(c);
}

// ---- writing ---------------------------------------------------------------------------------

void Client::Impl::publish(Publish message, Done done) {
  const ConnectionPtr c = connection_;
  message.qos = std::clamp(message.qos, 0, 1);
  if (state_ != State::connected || (message.qos > 0 && !c->qos1_available) ||
      (message.retain && !c->retain_available))
    return fail_later(std::move(done));
  if (message.qos == 0 || (c->held.empty() && c->inflight.size() < c->receive_maximum))
    return send_publish(c, message, std::move(done));
  c->held.push_back({std::move(message), std::move(done)});
  c->held_bytes += c->held.back().size();
}

void Client::Impl::send_publish(const ConnectionPtr& c, const Publish& message, Done done) {
  const std::uint16_t id = message.qos > 0 ? c->new_packet_id() : 0;
  const std::size_t before = c->queued.size();
  const Encoded encoded = encode_publish(message, id, options_.version, c->queued);
  if (!encoded || c->queued.size() - before > c->maximum_packet_size) {
    c->queued.resize(before);
    return fail_later(std::move(done));
  }
  if (id != 0) {
    c->inflight.emplace(id, std::move(done));
  } else if (done) {
    c->queued_dones.push_back(std::move(done));
  }
  flush_soon(c);
}

void Client::Impl::on_puback(const ConnectionPtr& c, const Puback& puback) {
  const auto found = c->inflight.find(puback.packet_id);
  if (found == c->inflight.end()) return;
  const Done done = std::move(found->second);
  c->inflight.erase(found);
  release_held(c);
  if (done) done(puback.reason_code < 0x80);
}

void Client::Impl::release_held(const ConnectionPtr& c) {
  while (!c->held.empty() && c->inflight.size() < c->receive_maximum) {
    HeldPublish held = std::move(c->held.front());
    c->held.pop_front();
    c->held_bytes -= held.size();
    send_publish(c, held.message, std::move(held.done));
  }
}

void Client::Impl::fail_later(Done done) {
  if (!done) return;
  asio::post(executor_, [self = shared_from_this(), run = run_, done = std::move(done)] {
    if (self->run_ == run && !self->abandoned_) done(false);
  });
}

void Client::Impl::subscribe(const std::vector<Subscription>& subscriptions) {
  if (state_ != State::connected) return;
  const ConnectionPtr c = connection_;
  int refusal = quota_exceeded;
  if (c->requests.size() < requests_limit) {
    const std::uint16_t id = c->new_packet_id();
    if (encode_subscribe(subscriptions, id, options_.version, c->queued)) {
      c->requests.insert(id);
      return flush_soon(c);
    }
    refusal = 0x8f;  // topic filter invalid
  }
  asio::post(executor_, [self = shared_from_this(), run = run_,
                         codes = std::vector<int>(subscriptions.size(), refusal)] {
    if (self->run_ == run && self->handlers_.on_subscribed) self->handlers_.on_subscribed(codes);
  });
}

void Client::Impl::unsubscribe(const std::vector<std::string>& filters) {
  if (state_ != State::connected || connection_->requests.size() >= requests_limit) return;
  const ConnectionPtr c = connection_;
  const std::uint16_t id = c->new_packet_id();
  if (!encode_unsubscribe(filters, id, options_.version, c->queued)) return;
  c->requests.insert(id);
  flush_soon(c);
}

/// Posted, so that all that one callback queues leaves in one write.
void Client::Impl::flush_soon(const ConnectionPtr& c) {
  if (c->flush_posted || !c->writing.empty()) return;
  c->flush_posted = true;
  asio::post(executor_, [self = shared_from_this(), c] {
    c->flush_posted = false;
    if (self->is_current(c)) self->flush(c);
  });
}

void Client::Impl::flush(const ConnectionPtr& c) {
  if (!c->writing.empty() || c->queued.empty()) return;
  c->writing.swap(c->queued);
  c->writing_dones.swap(c->queued_dones);
  c->stream->write(c->writing,
                   [self = shared_from_this(), c](const std::string& error, std::size_t) {
                     if (self->is_current(c)) self->on_written(c, error);
                   });
}

void Client::Impl::on_written(const ConnectionPtr& c, const std::string& error) {
  if (!error.empty()) return state_ == State::draining ? finish_stop() : lost(error);
  c->writing.clear();
  if (c->writing.capacity() > kept_capacity) c->writing.shrink_to_fit();
  const auto dones = std::exchange(c->writing_dones, {});
  flush(c);
  if (state_ == State::draining && c->writing.empty()) c->stream->shutdown_write();
  const std::uint64_t run = run_;
  for (const Done& done : dones)
    if (run_ == run) done(true);
}

std::size_t Client::Impl::write_backlog_bytes() const noexcept {
  const ConnectionPtr& c = connection_;
  return c ? c->queued.size() + c->writing.size() + c->held_bytes : 0;
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
bool Client::connected() const noexcept { return impl_->connected(); }
std::size_t Client::write_backlog_bytes() const noexcept { return impl_->write_backlog_bytes(); }
const std::string& Client::client_id() const noexcept { return impl_->client_id(); }

}  // namespace xgate::mqtt
