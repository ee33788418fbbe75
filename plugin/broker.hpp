// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" {
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mqtt_protocol.h>
}

#include "printable/line.hpp"
#include "protocol/identity.hpp"

// What the plugin asks of the broker, in C++.
namespace xgate::plugin {

using Client = struct mosquitto;

enum class LogLevel : std::uint8_t { info, notice, warning, error };
/// "xgate: …". Only on the broker's thread.
void log(LogLevel level, const printable::Line& line) noexcept;

/// A text from a client as a field of such a line: of 64 KiB its beginning.
inline printable::Line field(std::string_view text) { return printable::quoted(text, 256); }

// A client's facts; empty where the broker has none (any more).
std::string_view id_of(const Client* client) noexcept;
std::string_view username_of(const Client* client) noexcept;
std::string_view address_of(const Client* client) noexcept;
/// CONNECT's Clean Start (of 3.1.1: Clean Session).
bool starts_clean(const Client* client) noexcept;
bool is_websocket(const Client* client) noexcept;
bool speaks_mqtt5(const Client* client) noexcept;
bool shows_certificate(const Client* client) noexcept;
/// Whether the broker has begun to read a CONNECT of his.
bool began_connect(const Client* client) noexcept;

/// Makes `canonical`, a prefix of the client's id, and a mark of the registration the id under
/// which the broker keeps this client (V2-5): a device that is deleted and registered anew has
/// another one, and finds nothing that the broker stored for the former. Only in BASIC_AUTH, for a
/// login that is accepted. False: the id stays what it was.
bool set_canonical_id(Client* client, std::string_view canonical,
                      std::uint32_t registration) noexcept;
inline constexpr char mark_sign = '~';
/// mark_sign and three characters: so many follow "V2_P.N" in the shortest id that a device sends.
using RegistrationMark = std::array<char, 4>;
RegistrationMark registration_mark(std::uint32_t registration) noexcept;
inline std::string_view view(const RegistrationMark& mark) noexcept {
  return {mark.data(), mark.size()};
}

/// The identity on a message of /sys/device/auth (AUTH-4): replaces all of its properties. False
/// where memory ran out: the message must not go on.
struct Stamp {
  const char* login = "";
  const char* session = "";  ///< its session_name()
  const char* address = "";
  const char* queued = "";      ///< link::sums_text(), before it
  const char* limit = nullptr;  ///< link::stamp_text(); null: the message is within all
};
bool stamp(mosquitto_property** properties, const protocol::Identity& id,
           const Stamp& stamp) noexcept;
/// The same for the session alone in which a device says something (OTA-3).
bool stamp_session(mosquitto_property** properties, const char* session,
                   const char* limit = nullptr) noexcept;

/// "epoch/number", and a NUL.
using SessionName = std::array<char, 64>;
SessionName session_name(std::string_view epoch, std::uint64_t number) noexcept;
/// Whether messages on this topic, which their sender may publish on, get one of the two stamps.
bool is_stamped(std::string_view topic) noexcept;

/// Leaves at the start of the broker's next round, to whoever subscribed. Takes the properties.
bool publish(std::string_view topic, std::string_view payload, int qos, bool retain,
             mosquitto_property* properties = nullptr) noexcept;

}  // namespace xgate::plugin
