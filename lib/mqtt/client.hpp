// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "mqtt/message.hpp"

namespace xgate::mqtt {

struct ClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  bool tls = false;
  std::string ca_file;  ///< empty: the system's
  Version version = Version::v5;
  std::string client_id;
  std::string username;
  std::string password;
  /// MQTT 5's enhanced authentication, where the broker needs no more than one answer; empty: none.
  std::string authentication_method;
  std::string authentication_data;
  bool clean_start = true;
  std::uint32_t session_expiry_s = 0;     ///< MQTT 5; 3.1.1 keeps a session where !clean_start
  std::uint16_t receive_maximum = 65535;  ///< MQTT 5: how many unacknowledged the broker may send
  std::uint32_t maximum_packet_size = 0;  ///< 0: no limit told to the broker
  std::chrono::milliseconds keepalive{30000};  ///< told in seconds, rounded up; 0: no pings
  /// Without a byte from the broker after a ping; at most a keepalive, when the next one is due.
  std::chrono::milliseconds ping_timeout{10000};
  std::chrono::milliseconds connect_timeout{5000};  ///< from the name's look-up to CONNACK
  std::chrono::milliseconds stop_timeout{2000};     ///< for what is queued to leave at stop()
  std::size_t read_size = std::size_t{64} * 1024;   ///< bytes at once; held as long as connected
  bool reconnect = true;  ///< with exponential back-off between the two below, and jitter
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max{5000};
  std::optional<Publish> will;
};

/// An MQTT client that acknowledges when it is told to. Every function and callback runs on the
/// executor's one thread (post() to it from elsewhere). Callbacks may call any member, and may
/// destroy the client. Reasons are one clear sentence, without the password. What is written
/// within one callback leaves in one write.
class Client {
 public:
  struct Handlers {
    /// CONNACK with success. Where `session_present` is false, subscribe again.
    std::function<void(bool session_present)> on_connected;
    /// A connection was refused or lost; `reason_code` is CONNACK's or DISCONNECT's where there was
    /// one, else 0. With `reconnect` the client goes on by itself.
    std::function<void(const std::string& reason, int reason_code)> on_disconnected;
    std::function<void(Publish, AckToken)> on_publish;
    std::function<void(const std::vector<int>& reason_codes)> on_subscribed;
  };

  Client(boost::asio::any_io_executor executor, ClientOptions options, Handlers handlers);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Connects. Does nothing while the client is started, or a stop() is not done.
  void start();
  /// Lets what is queued leave, then DISCONNECT and close; `done` when the socket is closed. No
  /// callback comes after the call but `done`: publishes that are not settled are forgotten.
  /// Destroying the client closes at once, without DISCONNECT.
  void stop(std::function<void()> done = {});

  /// Both are dropped where there is no connection: on_connected is the place to subscribe.
  void subscribe(const std::vector<Subscription>& subscriptions);
  void unsubscribe(const std::vector<std::string>& filters);
  /// QoS 0: `done` when written to the socket; QoS 1: at PUBACK. false: not connected, refused, or
  /// the connection ended first. A message is never queued for a later connection; QoS 1 beyond
  /// the broker's receive maximum waits for the PUBACKs before it. QoS 2 is sent as QoS 1.
  /// `done` never runs inside publish().
  void publish(Publish message, std::function<void(bool delivered)> done = {});
  /// A token that was used, or belongs to an earlier connection, is ignored.
  void acknowledge(AckToken token);

  /// Stops and resumes reading the socket, so that a full queue reaches the broker as
  /// back-pressure. While paused nothing is delivered, PUBACKs and a lost broker go unnoticed, and
  /// pings still tell the broker that we live.
  void pause_reading();
  void resume_reading();

  /// From the next connection on: whether it uses the authentication method of the options.
  void use_authentication(bool use) noexcept;

  bool connected() const noexcept;
  /// What the broker answered to the authentication method, in CONNACK.
  const std::string& authentication_answer() const noexcept;
  /// Bytes not yet taken by the socket, with the publishes that wait for the receive maximum.
  std::size_t write_backlog_bytes() const noexcept;
  /// The id that the broker assigned where ours was empty (MQTT 5), else ours.
  const std::string& client_id() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xgate::mqtt
