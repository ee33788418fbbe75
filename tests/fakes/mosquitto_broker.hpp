// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
}

/// A client as the broker keeps it, as far as the plugin may see it.
struct mosquitto {
  std::string id;
  std::string username;
  std::string address = "192.0.2.1";
  bool websocket = false;
  int sub_count = 0;
  int protocol_version = 0;  ///< of its CONNECT, as far as the broker has read that
  bool clean_start = true;
};

namespace xgate::fakes {

struct Published {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  std::vector<std::pair<std::string, std::string>> user_properties;
};

/// What the plugin asked of the broker. One for a test program: the broker's functions are C.
struct MosquittoBroker {
  std::vector<Published> published;
  std::vector<std::pair<std::string, bool>> kicked;  ///< client id, with_will
  std::function<void(const std::string& id)> on_kick;
  std::vector<std::string> log;
  bool refuse_publish = false;  ///< as if memory had run out
  int properties_alive = 0;

  static MosquittoBroker& instance();
  void reset();
};

std::vector<std::pair<std::string, std::string>> user_properties(const mosquitto_property* list);

}  // namespace xgate::fakes
