// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "fakes/mqtt_peer.hpp"

namespace xgate::cli::test {

using fakes::bytes;
using fakes::MqttPeer;
using nlohmann::json;

// The identities of the protocol's own examples (§2.2.5).
inline const std::string product_key = "DB6FACEF35BEBA0517712F0E4BE32936";
inline const std::string device_secret = "326086233FAB8A96566796551EB1DFF8";
inline const std::string root = "/sys/7ED01E2A/AA30C505/20MQTTJ000121/";

inline std::string text(std::string_view value) {
  return {std::string{static_cast<char>(value.size() >> 8), static_cast<char>(value.size() & 255)} +
          std::string(value)};
}

inline std::string publish(const std::string& topic, const std::string& payload) {
  const std::string body = text(topic) + payload;
  return std::string{'\x30', static_cast<char>(0x80 | (body.size() & 127)),
                     static_cast<char>(body.size() >> 7)} +
         body;
}

struct Received {
  std::string topic;
  json frame;
};

/// A platform of MQTT 3.1.1 that lets everyone in and answers by topic; a test changes single
/// answers. Without an answer it stays silent.
class Platform {
 public:
  using Answer = std::function<std::string(const json& frame)>;  ///< packets to send

  std::map<std::string, Answer> answers;  ///< by topic
  std::string connack = bytes("20 02 00 00");
  std::size_t refused_connect = 0;  ///< the how-many-th CONNECT is refused; 0: none
  std::vector<std::string> connects;
  std::vector<Received> received;

  Platform() {
    answers["/sys/device/auth"] = [](const json& frame) {
      return reply("downlink", frame, {{"Code", 0}, {"DeviceSecret", device_secret}});
    };
    answers[root + "update_time"] = [](const json& frame) {
      return reply("update_time_ack", frame,
                   {{"Code", "200"},
                    {"Msg", "SUCCESS"},
                    {"Data", {{"timestamp", 1675404867000}, {"timezone", "Asia/Shanghai"}}}});
    };
    for (const char* name : {"firmware_report", "uplink"})
      answers[root + name] = [name](const json& frame) {
        return reply(std::string(name) + "_ack", frame, {{"Code", "200"}, {"Msg", "SUCCESS"}});
      };
  }

  static std::string reply(const std::string& topic, const json& frame, const json& payload) {
    return publish(root + topic, json{{"MessageId", frame["MessageId"]},
                                      {"HeaderCtrl", frame["HeaderCtrl"]},
                                      {"Payload", payload},
                                      {"Version", "2.0"}}
                                     .dump());
  }

  void serve(MqttPeer& peer, int connections) {
    for (int i = 0; i < connections; ++i) {
      peer.accept();
      for (;;) {
        const std::string packet = peer.receive_packet();
        if (packet.size() < 2 || packet[0] == '\xe0') break;
        handle(peer, packet);
      }
    }
  }

  std::vector<json> on(const std::string& topic) const {
    std::vector<json> frames;
    for (const Received& each : received)
      if (each.topic == topic) frames.push_back(each.frame);
    return frames;
  }

 private:
  void handle(MqttPeer& peer, const std::string& packet) {
    const std::size_t header = (packet[1] & 0x80) != 0 ? 3 : 2;
    const std::string body = packet.substr(header);
    switch (static_cast<unsigned char>(packet[0]) >> 4) {
      case 1:
        connects.push_back(body);
        return peer.send(connects.size() == refused_connect ? bytes("20 02 00 05") : connack);
      case 8: {
        std::string codes;
        for (std::size_t at = 2; at + 2 < body.size();) {
          at += 3 + static_cast<std::size_t>(static_cast<unsigned char>(body[at + 1]));
          codes += '\x01';
        }
        return peer.send(std::string{'\x90', static_cast<char>(2 + codes.size())} +
                         body.substr(0, 2) + codes);
      }
      case 3: {
        const auto size = static_cast<std::size_t>(static_cast<unsigned char>(body[1]));
        const std::string topic = body.substr(2, size);
        peer.send(bytes("40 02") + body.substr(2 + size, 2));
        received.push_back({topic, json::parse(body.substr(4 + size))});
        if (const auto answer = answers.find(topic); answer != answers.end())
          peer.send(answer->second(received.back().frame));
        return;
      }
      default:
        return;
    }
  }
};

}  // namespace xgate::cli::test
