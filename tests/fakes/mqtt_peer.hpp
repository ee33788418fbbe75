// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace xgate::fakes {

/// Bytes written as hex, blanks between them as you like: bytes("20 02 00 00").
std::string bytes(std::string_view hex);

/// A broker that plays a written exchange on a loopback socket, in its own thread: what it expects
/// and says is in the test, byte by byte, so that it shares no code with what it tests. Every wait
/// has a deadline; whatever differs fails the test.
class MqttPeer {
 public:
  MqttPeer();
  ~MqttPeer();
  MqttPeer(const MqttPeer&) = delete;
  MqttPeer& operator=(const MqttPeer&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// Runs `script` in the thread; join() waits for its end and must come before the assertions
  /// that depend on it.
  void play(std::function<void(MqttPeer&)> script);
  void join();

  // For the script:
  void accept();
  void expect(std::string_view expected);  ///< exactly these bytes come next
  std::string receive_packet();            ///< one MQTT packet, whatever it is
  void expect_end();                       ///< the client closes, having sent nothing more
  void send(std::string_view data);
  /// Sends until the client's and our buffers are full; how much went.
  std::size_t send_until_full(std::string_view data);
  void close();  ///< the connection, not the port
  void reset();  ///< ends the connection with a TCP reset
  void refuse_connections();

 private:
  std::string receive(std::size_t size);

  int listener_ = -1;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace xgate::fakes
