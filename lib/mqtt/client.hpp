// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

namespace xgate::mqtt {

enum class Version : std::uint8_t { v311 = 4, v5 = 5 };

using UserProperties = std::vector<std::pair<std::string, std::string>>;

struct Publish {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  bool dup = false;
  UserProperties user_properties;  ///< MQTT 5 only
};

/// What must be handed back to acknowledge a received QoS 1 message. Belongs to one connection:
/// after a reconnect an old token is ignored, for the broker sends the message again.
struct AckToken {
  std::uint64_t connection = 0;
  std::uint16_t packet_id = 0;  ///< 0: QoS 0, nothing to acknowledge
};

struct ClientOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  bool tls = false;
  std::string ca_file;  ///< empty: the system's
  Version version = Version::v5;
  std::string client_id;
  std::string username;
  std::string password;
  bool clean_start = true;
  std::uint32_t session_expiry_s = 0;     ///< MQTT 5; 3.1.1 keeps a session where !clean_start
  std::uint16_t receive_maximum = 65535;  ///< MQTT 5: how many unacknowledged the broker may send
  std::uint32_t maximum_packet_size = 0;  ///< 0: no limit told to the broker
  std::chrono::seconds keepalive{30};
  std::chrono::milliseconds connect_timeout{5000};
  bool reconnect = true;  ///< with back-off between the two below, and jitter
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max{5000};
  std::optional<Publish> will;
};

struct Subscription {
  std::string filter;
  int qos = 1;
  bool no_local = false;  ///< MQTT 5
};

/// An MQTT client that acknowledges when it is told to. Every function and callback runs on the
/// executor's one thread (post() to it from elsewhere). Reasons are one clear sentence, without
/// the password.
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

  void start();
  /// DISCONNECT and close; `done` when the socket is closed. No callback comes after it.
  void stop(std::function<void()> done = {});

  void subscribe(std::vector<Subscription> subscriptions);
  void unsubscribe(std::vector<std::string> filters);
  /// QoS 0: `done` when written to the socket; QoS 1: at PUBACK. false: not connected, refused, or
  /// the connection ended first. A message is never queued for a later connection.
  void publish(Publish message, std::function<void(bool delivered)> done = {});
  void acknowledge(AckToken token);

  /// Stops and resumes reading the socket, so that a full queue reaches the broker as
  /// back-pressure.
  void pause_reading();
  void resume_reading();

  bool connected() const noexcept;
  std::size_t write_backlog_bytes() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xgate::mqtt
