// SPDX-License-Identifier: Apache-2.0
#include "plugin_fixture.hpp"

#include <cstdlib>

namespace xgate::plugin {

std::int64_t PluginTest::now_ms = 0;
directory::Moment PluginTest::moment;

PluginTest::PluginTest() {
  broker().reset();
  now_ms = 1'700'000'000'000;
  moment = directory::Moment{} + std::chrono::hours(1);
  Options options;
  options.accounts_file = "/nowhere/accounts";
  options.accounts_from = AddressList::parse("192.0.2.0/24").value();
  plugin_ = std::make_unique<Plugin>(
      options, Accounts::parse(account_line).value(),
      Clock{[]() noexcept { return now_ms; }, []() noexcept { return moment; }});
  publish_products({product()});
  publish_device(key(), device());
  tick();
  events();
}

void PluginTest::publish_products(std::vector<directory::Product> products) {
  snapshot_.products = std::make_shared<const directory::Products>(std::move(products));
  directory::Changes changes;
  changes.products = true;
  plugin_->exchange.publish(snapshot_, std::move(changes));
}

void PluginTest::publish_device(const directory::DeviceKey& which,
                                std::optional<directory::Device> device) {
  auto overlay = std::make_shared<directory::Overlay>(*snapshot_.overlay);
  overlay->insert_or_assign(which, device);
  snapshot_.overlay = std::move(overlay);
  directory::Changes changes;
  changes.devices.push_back({which, moment});
  plugin_->exchange.publish(snapshot_, std::move(changes));
}

PluginTest::Credentials PluginTest::v2(int type, std::int64_t timestamp,
                                       std::string_view node_eui) {
  protocol::Aes aes;
  auto parameters = protocol::v2_login_parameters({open_id, product_id, node_eui}, product_key,
                                                  protocol::aes_key_from_hex(secret_hex).value(),
                                                  type, timestamp, aes);
  return {parameters.client_id, parameters.username, parameters.password};
}

int PluginTest::log_in(Client& client, Credentials credentials) {
  client.id = std::move(credentials.client_id);
  client.username = std::move(credentials.username);
  mosquitto_evt_basic_auth event{};
  event.client = &client;
  event.username = client.username.data();
  event.password = credentials.password.data();
  return on_login(*plugin_, event);
}

int PluginTest::log_in_by(std::string_view method, Client& client, Credentials credentials,
                          std::string* answer) {
  client.id = std::move(credentials.client_id);
  client.username = std::move(credentials.username);
  const std::string name(method);
  mosquitto_evt_extended_auth event{};
  event.client = &client;
  event.auth_method = name.c_str();
  event.data_in = credentials.password.data();
  event.data_in_len = static_cast<std::uint16_t>(credentials.password.size());
  const int result = on_service_login(*plugin_, event);
  if (answer != nullptr) answer->assign(static_cast<char*>(event.data_out), event.data_out_len);
  std::free(event.data_out);
  return result;
}

void PluginTest::end(Client& client) {
  mosquitto_evt_disconnect event{};
  event.client = &client;
  on_disconnect(*plugin_, event);
}

int PluginTest::access(Client& client, int what, std::string_view topic, std::string_view payload,
                       bool retain, int qos) {
  const std::string name(topic);
  mosquitto_evt_acl_check event{};
  event.client = &client;
  event.topic = name.c_str();
  event.access = what;
  event.payload = payload.data();
  event.payloadlen = static_cast<std::uint32_t>(payload.size());
  event.qos = static_cast<std::uint8_t>(qos);
  event.retain = retain;
  return on_access(*plugin_, event);
}

int PluginTest::message(Client& client, std::string_view topic, MessageEvent& event) {
  std::string name(topic);
  event.client = &client;
  event.topic = name.data();
  return on_message(*plugin_, event);
}

int PluginTest::command(Client& client, std::string_view json) {
  mosquitto_evt_control event{};
  event.client = &client;
  event.topic = link::control_topic.data();
  event.payload = json.data();
  event.payloadlen = static_cast<std::uint32_t>(json.size());
  return on_control(*plugin_, event);
}

void PluginTest::reload() {
  mosquitto_evt_reload event{};
  on_reload(*plugin_, event);
}

void PluginTest::tick() {
  mosquitto_evt_tick event{};
  on_tick(*plugin_, event);
}

std::vector<link::Event> PluginTest::events() {
  tick();
  std::vector<link::Event> result;
  for (const auto& published : std::exchange(broker().published, {})) {
    if (published.topic != link::events_topic) continue;
    EXPECT_EQ(published.qos, 1);
    EXPECT_FALSE(published.retain);
    auto batch = link::decode_events(published.payload);
    EXPECT_TRUE(batch) << published.payload;
    if (!batch) continue;
    for (auto& event : batch->events) result.push_back(std::move(event));
  }
  return result;
}

std::string PluginTest::last_refusal() {
  const auto refusals = events_of<link::Refused>();
  return refusals.empty() ? "none" : refusals.back().requirement;
}

}  // namespace xgate::plugin
