// SPDX-License-Identifier: Apache-2.0
#include "fakes/mosquitto_broker.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using xgate::fakes::MosquittoBroker;

/// As in Mosquitto 2.0: a plain block of the heap that owns two strings.
struct mqtt5__property {
  mqtt5__property* next;
  char* name;
  char* value;
};

namespace xgate::fakes {

MosquittoBroker& MosquittoBroker::instance() {
  static MosquittoBroker broker;
  return broker;
}

void MosquittoBroker::reset() { *this = MosquittoBroker(); }

std::vector<std::pair<std::string, std::string>> user_properties(const mosquitto_property* list) {
  std::vector<std::pair<std::string, std::string>> result;
  for (; list != nullptr; list = list->next) result.emplace_back(list->name, list->value);
  return result;
}

}  // namespace xgate::fakes

extern "C" {

const char* mosquitto_client_id(const struct mosquitto* client) { return client->id.c_str(); }
const char* mosquitto_client_username(const struct mosquitto* client) {
  return client->username.c_str();
}
const char* mosquitto_client_address(const struct mosquitto* client) {
  return client->address.c_str();
}
int mosquitto_client_protocol(const struct mosquitto* client) {
  return client->websocket ? mp_websockets : mp_mqtt;
}
int mosquitto_client_protocol_version(const struct mosquitto* client) {
  return client->protocol_version;
}
void* mosquitto_client_certificate(const struct mosquitto* /*client*/) { return nullptr; }
bool mosquitto_client_clean_session(const struct mosquitto* client) { return client->clean_start; }
int mosquitto_client_sub_count(const struct mosquitto* client) { return client->sub_count; }

void* mosquitto_malloc(size_t size) { return std::malloc(size); }
void mosquitto_free(void* memory) { std::free(memory); }

void mosquitto_log_printf(int /*level*/, const char* format, ...) {
  std::array<char, 4096> line{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  MosquittoBroker::instance().log.emplace_back(line.data());
}

int mosquitto_property_add_string_pair(mosquitto_property** list, int /*identifier*/,
                                       const char* name, const char* value) {
  auto* property = static_cast<mqtt5__property*>(std::calloc(1, sizeof(mqtt5__property)));
  if (property == nullptr) return MOSQ_ERR_NOMEM;
  property->name = ::strdup(name);
  property->value = ::strdup(value);
  while (*list != nullptr) list = &(*list)->next;
  *list = property;
  ++MosquittoBroker::instance().properties_alive;
  return MOSQ_ERR_SUCCESS;
}

void mosquitto_property_free_all(mosquitto_property** list) {
  while (*list != nullptr) {
    auto* property = *list;
    *list = property->next;
    std::free(property->name);
    std::free(property->value);
    std::free(property);
    --MosquittoBroker::instance().properties_alive;
  }
}

int mosquitto_broker_publish(const char* /*client_id*/, const char* topic, int payload_size,
                             void* payload, int qos, bool retain, mosquitto_property* properties) {
  auto& broker = MosquittoBroker::instance();
  if (broker.refuse_publish) return MOSQ_ERR_NOMEM;
  broker.published.push_back(
      {topic,
       payload == nullptr
           ? ""
           : std::string(static_cast<char*>(payload), static_cast<std::size_t>(payload_size)),
       qos, retain, xgate::fakes::user_properties(properties)});
  std::free(payload);
  mosquitto_property_free_all(&properties);
  return MOSQ_ERR_SUCCESS;
}

int mosquitto_kick_client_by_clientid(const char* id, bool with_will) {
  auto& broker = MosquittoBroker::instance();
  broker.kicked.emplace_back(id, with_will);
  if (broker.on_kick) broker.on_kick(id);
  return MOSQ_ERR_SUCCESS;
}

int mosquitto_callback_register(mosquitto_plugin_id_t* /*id*/, int /*event*/,
                                MOSQ_FUNC_generic_callback /*function*/, const void* /*data*/,
                                void* /*user*/) {
  return MOSQ_ERR_SUCCESS;
}
int mosquitto_callback_unregister(mosquitto_plugin_id_t* /*id*/, int /*event*/,
                                  MOSQ_FUNC_generic_callback /*function*/, const void* /*data*/) {
  return MOSQ_ERR_SUCCESS;
}
}
