// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inside of mqtt::Client: client.cpp connects and loses, client_reading.cpp takes what comes,
// client_writing.cpp sends.
#include <bitset>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "mqtt/client.hpp"
#include "mqtt/decoder.hpp"
#include "mqtt/packets.hpp"
#include "mqtt/stream.hpp"

namespace xgate::mqtt {

// Together they leave packet ids free, whatever receive maximum the broker grants.
inline constexpr std::size_t inflight_limit = 60000;
inline constexpr std::size_t requests_limit = 5000;

using Done = std::function<void(bool delivered)>;

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
  std::chrono::milliseconds keepalive{0};

  std::chrono::steady_clock::time_point connected_at;
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

class Client::Impl : public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(boost::asio::any_io_executor executor, ClientOptions options, Handlers handlers)
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
  void use_authentication(bool use) noexcept { use_authentication_ = use; }
  const std::string& authentication_answer() const noexcept { return authentication_answer_; }

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
  void after(std::chrono::milliseconds time, Function function);

  // Connecting and losing
  void connect();
  void send_connect(const ConnectionPtr& c);
  void on_connack(const ConnectionPtr& c, const Connack& connack);
  void lost(const std::string& reason, int reason_code = 0);
  void break_off(const ConnectionPtr& c, const DecodeError& error);
  std::chrono::milliseconds next_backoff();
  void finish_stop();
  void call(const std::vector<std::function<void()>>& stopped) const;
  void ping(const ConnectionPtr& c);
  void check_ping(const ConnectionPtr& c, std::chrono::steady_clock::time_point sent);

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

  boost::asio::any_io_executor executor_;
  ClientOptions options_;
  Handlers handlers_;
  std::string client_id_;
  std::string authentication_answer_;
  std::string endpoint_;
  boost::asio::steady_timer timer_;  ///< of the state: connect, back-off, ping or stop
  std::minstd_rand random_;          ///< jitter only

  State state_ = State::idle;
  bool abandoned_ = false;
  bool paused_ = false;
  bool use_authentication_ = true;
  /// Counts start() and stop(): a callback may have called them, and then none may follow.
  std::uint64_t run_ = 0;
  std::uint64_t connections_ = 0;
  unsigned attempts_ = 0;
  ConnectionPtr connection_;
  std::vector<std::function<void()>> stopped_;
};

}  // namespace xgate::mqtt
