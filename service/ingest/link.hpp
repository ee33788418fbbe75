// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/client.hpp"
#include "service/ingest/ack_order.hpp"
#include "service/ingest/received.hpp"

namespace xgate::ingest {

/// Something that leaves, and who is told whether the broker took it.
struct Delivery {
  mqtt::Publish message;
  std::function<void(bool delivered)> done;
};

/// One connection to the broker, with its flow control: it reads while every queue behind it has
/// room and what it sends is taken. Everything on the network thread but post().
class Link {
 public:
  struct Options {
    std::string name;  ///< for the log
    mqtt::ClientOptions client;
    std::vector<mqtt::Subscription> subscriptions;
    /// A connection stands. `life`: of the broker, as its plugin calls it; empty: it does not tell.
    std::function<void(bool session_present, const std::string& life)> on_connected = {};
    std::function<void(bool up)> on_state;
    /// There is no connection, for now. `taken_over`: another client came with our id, as a broker
    /// that keeps to MQTT 5 says (Mosquitto 2.0.11 does not).
    std::function<void(bool taken_over)> on_lost = {};
    /// True: somebody's queue is full, stop reading for now.
    std::function<bool(Received)> on_message;
    std::function<bool()> room;  ///< every queue has room again
    Clock clock;
  };
  Link(boost::asio::io_context& io, Options options);

  void connect();
  void disconnect(std::function<void()> done);
  bool connected() const noexcept { return client_.connected(); }
  std::string why_not() const { return connected() ? std::string() : problem_; }

  void send(Outbound out);
  void post(Outbound out);  ///< from any thread
  /// From any thread: leaves in order; each is told whether the broker took it, on the network
  /// thread.
  void post(std::vector<Delivery> deliveries);
  void look_for_room();  ///< a queue has drained
  void stop_reading_for_good();

 private:
  void on_connected(bool session_present);
  void on_disconnected(const std::string& reason, int reason_code);
  void on_subscribed(const std::vector<int>& reason_codes);
  void deliver(std::vector<Delivery> deliveries);
  void pause();
  void watch_backlog();

  boost::asio::io_context& io_;
  Options options_;
  bool running_ = false;
  bool paused_ = false;
  bool draining_ = false;
  bool watching_ = false;
  std::string problem_ = "not connected yet";
  AckOrder ack_order_;
  std::vector<mqtt::AckToken> ready_acks_;
  boost::asio::steady_timer backlog_timer_;
  mqtt::Client client_;
};

}  // namespace xgate::ingest
