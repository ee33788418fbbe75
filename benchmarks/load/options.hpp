// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xgate::benchmarks {

enum class Mode : std::uint8_t { connect, publish, uplink };
enum class Login : std::uint8_t { v2, auth, password, anonymous };
enum class Payload : std::uint8_t { plain, encrypted, model, hex };

struct Options {
  Mode mode = Mode::uplink;
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::string devices_file;
  std::string rule_file;
  std::size_t skip = 0;  ///< devices, from the front of the list
  std::size_t connections = 1;
  std::size_t connecting = 64;  ///< at once, at most
  Login login = Login::v2;
  int login_type = 0;
  bool mqtt5 = false;
  int keepalive_s = 60;
  int sources =
      16;  ///< addresses of 127.0.0.0/8 that connections come from, towards a broker there
  Payload payload = Payload::plain;
  std::string body;   ///< the frame's Payload; empty: one that fits `payload`
  std::string topic;  ///< publish only; {O}, {P} and {N} stand for the device's
  int qos = 1;
  std::size_t window = 1;   ///< of a connection: how many are under way at once
  double rate = 0;          ///< operations a second in all; 0: closed loop
  double duration_s = 10;   ///< 0: until `count`
  std::uint64_t count = 0;  ///< 0: until `duration_s`
  double warmup_s = 0;
  double ramp_s = 30;
  double drain_s = 5;
  double ack_timeout_s = 10;
  std::uint32_t first_message_id = 1;
  std::string log_file;
  struct Watched {
    std::string name;
    int pid = 0;
  };
  std::vector<Watched> watched;
};

}  // namespace xgate::benchmarks
