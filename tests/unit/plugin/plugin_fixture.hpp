// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fakes/mosquitto_broker.hpp"
#include "link/events.hpp"
#include "link/topics.hpp"
#include "plugin/callbacks.hpp"
#include "protocol/login.hpp"

namespace xgate::plugin {

/// A plugin in front of a broker that is played here, with one product and the device of the
/// worked examples.
/// A message as the broker hands it in; what the plugin put on it goes with it.
struct MessageEvent : mosquitto_evt_message {
  MessageEvent() : mosquitto_evt_message{} {}
  MessageEvent(const MessageEvent&) = delete;
  MessageEvent& operator=(const MessageEvent&) = delete;
  ~MessageEvent() { mosquitto_property_free_all(&properties); }
};

class PluginTest : public testing::Test {
 protected:
  static constexpr std::string_view open_id = "7ED01E2A";
  static constexpr std::string_view product_id = "AA30C505";
  static constexpr std::string_view product_key = "DB6FACEF35BEBA0517712F0E4BE32936";
  static constexpr std::string_view node = "20MQTTJ000121";
  static constexpr std::string_view secret_hex = "326086233FAB8A96566796551EB1DFF8";
  // "geheim", by mosquitto_passwd
  static constexpr std::string_view account_line =
      "xgate-service:$7$101$DQIIIvYkNBTjgEzO$"
      "Wbjz08/KHq9eX3n/9oHo+5+JejUAqcx99Es+YF6boi7DPJ4dkWxhYF7jk1RjrS0wJ8F4Pdo3eZE+vPF36FF/ag==\n";

  PluginTest();

  // ------------------------------------------------------------- the directory
  static directory::DeviceKey key(std::string_view node_eui = node) {
    return directory::DeviceKey::from(product_id, node_eui).value();
  }
  static directory::Device device() {
    directory::Device device;
    device.secret = protocol::aes_key_from_hex(secret_hex).value();
    device.enabled = true;
    device.revision = 10;
    return device;
  }
  static directory::Product product() {
    return {std::string(product_id),
            std::string(open_id),
            std::string(product_key),
            protocol::AuthType::product_secret_unregistered,
            true,
            false,
            false};
  }
  void publish_products(std::vector<directory::Product> products);
  void publish_device(const directory::DeviceKey& which, std::optional<directory::Device> device);

  // ---------------------------------------------------------------- the broker
  struct Credentials {
    std::string client_id;
    std::string username;
    std::string password;
  };
  static Credentials v2(int type = 0, std::int64_t timestamp = 1675404867,
                        std::string_view node_eui = node);
  static Credentials auth(std::string_view node_eui = "newdevice1") {
    return {std::string(product_id) + "-" + std::string(node_eui),
            "AUTH-" + std::string(open_id) + "-" + std::string(product_id),
            std::string(product_key)};
  }
  static Credentials service() { return {"service", "xgate-service", "geheim"}; }

  int log_in(Client& client, Credentials credentials);
  /// By the method of enhanced authentication; what the broker would answer comes in `answer`.
  int log_in_by(std::string_view method, Client& client, Credentials credentials,
                std::string* answer = nullptr);
  void end(Client& client);
  int access(Client& client, int what, std::string_view topic, std::string_view payload = {},
             bool retain = false, int qos = 1);
  bool may_publish(Client& client, std::string_view topic, bool retain = false) {
    return access(client, MOSQ_ACL_WRITE, topic, "x", retain) == MOSQ_ERR_SUCCESS;
  }
  bool may_subscribe(Client& client, std::string_view filter) {
    return access(client, MOSQ_ACL_SUBSCRIBE, filter) == MOSQ_ERR_SUCCESS;
  }
  bool receives(Client& client, std::string_view topic, std::string_view payload = "x",
                bool retain = false) {
    return access(client, MOSQ_ACL_READ, topic, payload, retain) == MOSQ_ERR_SUCCESS;
  }
  int message(Client& client, std::string_view topic, MessageEvent& event);
  int command(Client& client, std::string_view json);
  void reload();
  void tick();

  // ----------------------------------------------------------- what came of it
  /// The events since the last call.
  std::vector<link::Event> events();
  template <class Event>
  std::vector<Event> events_of() {
    std::vector<Event> result;
    for (auto& event : events()) {
      if (auto* one = std::get_if<Event>(&event)) result.push_back(std::move(*one));
    }
    return result;
  }
  std::string last_refusal();  ///< the requirement of the last Refused event
  static fakes::MosquittoBroker& broker() { return fakes::MosquittoBroker::instance(); }
  static std::string root(std::string_view node_eui = node) {
    return "/sys/" + std::string(open_id) + "/" + std::string(product_id) + "/" +
           std::string(node_eui);
  }

  static std::int64_t now_ms;
  static directory::Moment moment;
  std::unique_ptr<Plugin> plugin_;
  directory::Snapshot snapshot_;
};

}  // namespace xgate::plugin
