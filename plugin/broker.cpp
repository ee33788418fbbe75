// SPDX-License-Identifier: Apache-2.0
#include "plugin/broker.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include <dlfcn.h>
#include <malloc.h>
#include <openssl/x509.h>

#include "link/topics.hpp"
#include "protocol/topic.hpp"

namespace xgate::plugin {
namespace {

int mosquitto_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::info:
      return MOSQ_LOG_INFO;
    case LogLevel::notice:
      return MOSQ_LOG_NOTICE;
    case LogLevel::warning:
      return MOSQ_LOG_WARNING;
    case LogLevel::error:
      break;
  }
  return MOSQ_LOG_ERR;
}

std::string_view or_empty(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/// Puts `fresh` in the place of `*properties`, whose old content is freed, and keeps the address of
/// the head. For 2.0.11 forgets a list that was replaced (a leak for each message), later brokers
/// free it themselves (and freeing it here would be a second time): a list whose head stays where
/// it was is right for both. The heads are blocks of one kind, so swapping their bytes swaps them.
void replace_in_place(mosquitto_property** properties, mosquitto_property* fresh) noexcept {
  if (*properties == nullptr) {
    *properties = fresh;
    return;
  }
  auto* kept = reinterpret_cast<unsigned char*>(*properties);
  auto* other = reinterpret_cast<unsigned char*>(fresh);
  const std::size_t size = std::min(malloc_usable_size(kept), malloc_usable_size(other));
  std::swap_ranges(kept, kept + size, other);
  mosquitto_property_free_all(&fresh);  // holds the old content now
}

using Pair = std::array<const char*, 2>;

/// All of a message's properties become these. False where memory ran out.
bool replace_properties(mosquitto_property** properties, std::span<const Pair> pairs) noexcept {
  mosquitto_property* fresh = nullptr;
  for (const auto& [name, value] : pairs) {
    if (mosquitto_property_add_string_pair(&fresh, MQTT_PROP_USER_PROPERTY, name, value) !=
        MOSQ_ERR_SUCCESS) {
      mosquitto_property_free_all(&fresh);
      return false;
    }
  }
  replace_in_place(properties, fresh);
  return true;
}

}  // namespace

void log(LogLevel level, const printable::Line& line) noexcept {
  const std::string& text = line.text();
  mosquitto_log_printf(mosquitto_level(level), "xgate: %.*s", static_cast<int>(text.size()),
                       text.data());
}

std::string_view id_of(const Client* client) noexcept {
  return or_empty(mosquitto_client_id(client));
}

std::string_view username_of(const Client* client) noexcept {
  return or_empty(mosquitto_client_username(client));
}

std::string_view address_of(const Client* client) noexcept {
  return or_empty(mosquitto_client_address(client));
}

bool starts_clean(const Client* client) noexcept { return mosquitto_client_clean_session(client); }

bool is_websocket(const Client* client) noexcept {
  return mosquitto_client_protocol(client) == mp_websockets;
}

bool speaks_mqtt5(const Client* client) noexcept {
  return mosquitto_client_protocol_version(client) == 5;
}

bool shows_certificate(const Client* client) noexcept {
  auto* certificate = static_cast<X509*>(mosquitto_client_certificate(client));
  X509_free(certificate);
  return certificate != nullptr;
}

bool began_connect(const Client* client) noexcept {
  return mosquitto_client_protocol_version(client) != 0;
}

RegistrationMark registration_mark(std::uint32_t registration) noexcept {
  static constexpr std::string_view digits =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
  return {mark_sign, digits[registration >> 12U & 63U], digits[registration >> 6U & 63U],
          digits[registration & 63U]};
}

bool set_canonical_id(Client* client, std::string_view canonical,
                      std::uint32_t registration) noexcept {
  const std::string_view id = id_of(client);
  const auto mark = registration_mark(registration);
  const auto size = canonical.size() + mark.size();
  if (!id.starts_with(canonical) || id.size() < size) return false;
  // 2.1 has a function for it.
  using SetClientId = int (*)(Client*, const char*);
  static const auto set_client_id =
      reinterpret_cast<SetClientId>(dlsym(RTLD_DEFAULT, "mosquitto_set_clientid"));
  if (set_client_id != nullptr) {
    std::array<char, 64> text{};
    if (size >= text.size()) return false;
    std::ranges::copy(mark, std::ranges::copy(canonical, text.data()).out);
    return set_client_id(client, text.data()) == MOSQ_ERR_SUCCESS;
  }
  // 2.0 has none. There the id is a block of the broker's heap that mosquitto_client_id() returns
  // itself; it becomes a key (by strlen) only after BASIC_AUTH. So it may be written and cut here,
  // once, and the broker's own rules for equal client ids then do the rest.
  char* own = const_cast<char*>(id.data());
  std::ranges::copy(mark, own + canonical.size());
  own[size] = '\0';
  return true;
}

bool stamp(mosquitto_property** properties, const protocol::Identity& id,
           const Stamp& stamp) noexcept {
  const std::array<Pair, 8> pairs{{
      {link::property_open_id.data(), id.open_id.c_str()},
      {link::property_product_id.data(), id.product_id.c_str()},
      {link::property_node_eui.data(), id.node_eui.c_str()},
      {link::property_login.data(), stamp.login},
      {link::property_session.data(), stamp.session},
      {link::property_address.data(), stamp.address},
      {link::property_queued.data(), stamp.queued},
      {link::property_limit.data(), stamp.limit},
  }};
  return replace_properties(properties, std::span(pairs).first(stamp.limit == nullptr ? 7 : 8));
}

bool stamp_session(mosquitto_property** properties, const char* session,
                   const char* limit) noexcept {
  const std::array<Pair, 2> pairs{
      {{link::property_session.data(), session}, {link::property_limit.data(), limit}}};
  return replace_properties(properties, std::span(pairs).first(limit == nullptr ? 1 : 2));
}

SessionName session_name(std::string_view epoch, std::uint64_t number) noexcept {
  SessionName name{};
  constexpr std::size_t longest_number = 24;
  const auto size = epoch.copy(name.data(), name.size() - longest_number);
  name[size] = '/';
  std::to_chars(name.data() + size + 1, name.data() + name.size() - 1, number);
  return name;
}

bool is_stamped(std::string_view topic) noexcept {
  return topic == protocol::auth_topic || topic.ends_with("/firmware_report") ||
         topic.ends_with("/ota_notify_ack");
}

bool publish(std::string_view topic, std::string_view payload, int qos, bool retain,
             mosquitto_property* properties) noexcept {
  // the broker frees the payload, so it must be of its allocator
  void* copy = nullptr;
  if (!payload.empty()) {
    copy = mosquitto_malloc(payload.size());
    if (copy == nullptr) {
      mosquitto_property_free_all(&properties);
      return false;
    }
    std::memcpy(copy, payload.data(), payload.size());
  }
  std::array<char, 512> name{};
  const bool fits = topic.copy(name.data(), name.size() - 1) == topic.size();
  const int result =
      fits ? mosquitto_broker_publish(nullptr, name.data(), static_cast<int>(payload.size()), copy,
                                      qos, retain, properties)
           : MOSQ_ERR_INVAL;
  if (result == MOSQ_ERR_SUCCESS) return true;
  mosquitto_free(copy);
  mosquitto_property_free_all(&properties);
  return false;
}

}  // namespace xgate::plugin
