// SPDX-License-Identifier: Apache-2.0
#include "mqtt/properties.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace xgate::mqtt {
namespace {

enum class Form : std::uint8_t { flag, u8, u16, u32, varint, text, binary, pair };

struct PropertyRow {
  std::uint8_t id;
  Form form;
  unsigned owners;
  bool repeatable = false;
};

constexpr unsigned in_connack = static_cast<unsigned>(PropertyOwner::connack);
constexpr unsigned in_publish = static_cast<unsigned>(PropertyOwner::publish);
constexpr unsigned in_ack = static_cast<unsigned>(PropertyOwner::ack);
constexpr unsigned in_disconnect = static_cast<unsigned>(PropertyOwner::disconnect);
constexpr unsigned in_all = in_connack | in_publish | in_ack | in_disconnect;

constexpr std::uint8_t id_message_expiry = 0x02;
constexpr std::uint8_t id_session_expiry = 0x11;
constexpr std::uint8_t id_assigned_client_id = 0x12;
constexpr std::uint8_t id_server_keep_alive = 0x13;
constexpr std::uint8_t id_authentication_method = 0x15;
constexpr std::uint8_t id_authentication_data = 0x16;
constexpr std::uint8_t id_reason_string = 0x1f;
constexpr std::uint8_t id_receive_maximum = 0x21;
constexpr std::uint8_t id_topic_alias_maximum = 0x22;
constexpr std::uint8_t id_topic_alias = 0x23;
constexpr std::uint8_t id_maximum_qos = 0x24;
constexpr std::uint8_t id_retain_available = 0x25;
constexpr std::uint8_t id_user_property = 0x26;
constexpr std::uint8_t id_maximum_packet_size = 0x27;

// Table 2-4, as far as a server may send them.
constexpr std::array property_rows{
    PropertyRow{0x01, Form::flag, in_publish},                   // payload format indicator
    PropertyRow{id_message_expiry, Form::u32, in_publish},       //
    PropertyRow{0x03, Form::text, in_publish},                   // content type
    PropertyRow{0x08, Form::text, in_publish},                   // response topic
    PropertyRow{0x09, Form::binary, in_publish},                 // correlation data
    PropertyRow{0x0b, Form::varint, in_publish, true},           // subscription identifier
    PropertyRow{id_session_expiry, Form::u32, in_connack},       //
    PropertyRow{id_assigned_client_id, Form::text, in_connack},  //
    PropertyRow{id_server_keep_alive, Form::u16, in_connack},    //
    PropertyRow{id_authentication_method, Form::text, in_connack},
    PropertyRow{id_authentication_data, Form::binary, in_connack},
    PropertyRow{0x1a, Form::text, in_connack},                  // response information
    PropertyRow{0x1c, Form::text, in_connack | in_disconnect},  // server reference
    PropertyRow{id_reason_string, Form::text, in_all & ~in_publish},
    PropertyRow{id_receive_maximum, Form::u16, in_connack},      //
    PropertyRow{id_topic_alias_maximum, Form::u16, in_connack},  //
    PropertyRow{id_topic_alias, Form::u16, in_publish},          //
    PropertyRow{id_maximum_qos, Form::flag, in_connack},         //
    PropertyRow{id_retain_available, Form::flag, in_connack},    //
    PropertyRow{id_user_property, Form::pair, in_all, true},     //
    PropertyRow{id_maximum_packet_size, Form::u32, in_connack},  //
    PropertyRow{0x28, Form::flag, in_connack},                   // wildcard subscription available
    PropertyRow{0x29, Form::flag, in_connack},  // subscription identifiers available
    PropertyRow{0x2a, Form::flag, in_connack},  // shared subscription available
};

struct Value {
  std::uint32_t number = 0;
  std::string_view text;
  std::string_view second;  ///< of a pair
};

Value read_value(wire::Reader& reader, Form form) {
  switch (form) {
    case Form::flag:
    case Form::u8:
      return {reader.u8(), {}, {}};
    case Form::u16:
      return {reader.u16(), {}, {}};
    case Form::u32:
      return {reader.u32(), {}, {}};
    case Form::varint:
      return {reader.varint(), {}, {}};
    case Form::text:
      return {0, reader.text(), {}};
    case Form::binary:
      return {0, reader.binary(), {}};
    case Form::pair:
      break;
  }
  const std::string_view name = reader.text();
  return {0, name, reader.text()};
}

void keep(Properties& properties, std::uint8_t id, const Value& value) {
  const auto number16 = static_cast<std::uint16_t>(value.number);
  switch (id) {
    case id_session_expiry:
      properties.session_expiry_s = value.number;
      break;
    case id_assigned_client_id:
      properties.assigned_client_id = value.text;
      break;
    case id_authentication_method:
      properties.authentication_method = value.text;
      break;
    case id_authentication_data:
      properties.authentication_data = value.text;
      break;
    case id_server_keep_alive:
      properties.server_keep_alive_s = number16;
      break;
    case id_reason_string:
      properties.reason_string = value.text;
      break;
    case id_receive_maximum:
      properties.receive_maximum = number16;
      break;
    case id_topic_alias_maximum:
      properties.topic_alias_maximum = number16;
      break;
    case id_topic_alias:
      properties.topic_alias = number16;
      break;
    case id_maximum_qos:
      properties.maximum_qos = static_cast<std::uint8_t>(value.number);
      break;
    case id_retain_available:
      properties.retain_available = value.number != 0;
      break;
    case id_user_property:
      properties.user_properties.emplace_back(value.text, value.second);
      break;
    case id_maximum_packet_size:
      properties.maximum_packet_size = value.number;
      break;
    default:
      break;  // checked, but nothing to us
  }
}

/// A publisher chose what stands in a PUBLISH, and not every broker judges it: an error here would
/// end the connection, and the broker would send the same message again for ever.
bool is_possible(const PropertyRow& row, const Value& value, PropertyOwner owner) {
  if (owner == PropertyOwner::publish && row.id != id_topic_alias) return true;
  if (row.form == Form::flag) return value.number <= 1;
  const bool zero_is_an_error = row.id == id_receive_maximum || row.id == id_topic_alias ||
                                row.id == id_maximum_packet_size || row.form == Form::varint;
  return value.number != 0 || !zero_is_an_error;
}

tl::unexpected<DecodeError> refuse(int code, const char* what, std::uint32_t id) {
  return tl::unexpected(
      DecodeError{code, std::string(what) + " (property " + std::to_string(id) + ")"});
}

}  // namespace

tl::expected<Properties, DecodeError> read_properties(wire::Reader& reader, PropertyOwner owner) {
  Properties properties;
  wire::Reader list(reader.bytes(reader.varint()));
  if (reader.failed())
    return tl::unexpected(DecodeError{malformed, "the property list is cut off"});
  std::uint64_t seen = 0;
  while (!list.at_end()) {
    const std::uint32_t id = list.varint();
    const auto* row = std::find_if(property_rows.begin(), property_rows.end(),
                                   [id](const PropertyRow& r) { return r.id == id; });
    if (list.failed() || row == property_rows.end())
      return refuse(malformed, "unknown property", id);
    if ((row->owners & static_cast<unsigned>(owner)) == 0)
      return refuse(protocol_error, "a property that this packet may not carry", id);
    if (!row->repeatable && (seen >> id & 1) != 0)
      return refuse(protocol_error, "a property comes twice", id);
    seen |= std::uint64_t{1} << id;
    const Value value = read_value(list, row->form);
    if (list.failed()) return refuse(malformed, "a property is cut off or not UTF-8", id);
    if (!is_possible(*row, value, owner)) return refuse(protocol_error, "an impossible value", id);
    keep(properties, row->id, value);
  }
  return properties;
}

void put_properties(std::string& out, const Properties& properties) {
  std::string list;
  const auto put16 = [&list](std::uint8_t id, const std::optional<std::uint16_t>& value) {
    if (!value) return;
    wire::put_u8(list, id);
    wire::put_u16(list, *value);
  };
  const auto put32 = [&list](std::uint8_t id, const std::optional<std::uint32_t>& value) {
    if (!value) return;
    wire::put_u8(list, id);
    wire::put_u32(list, *value);
  };
  put32(id_message_expiry, properties.message_expiry_s);
  put32(id_session_expiry, properties.session_expiry_s);
  put16(id_receive_maximum, properties.receive_maximum);
  put32(id_maximum_packet_size, properties.maximum_packet_size);
  put16(id_topic_alias_maximum, properties.topic_alias_maximum);
  if (!properties.authentication_method.empty()) {
    wire::put_u8(list, id_authentication_method);
    wire::put_text(list, properties.authentication_method);
    wire::put_u8(list, id_authentication_data);
    wire::put_text(list, properties.authentication_data);  // in MQTT, binary data has a text's form
  }
  for (const auto& [name, value] : properties.user_properties) {
    wire::put_u8(list, id_user_property);
    wire::put_text(list, name);
    wire::put_text(list, value);
  }
  wire::put_varint(out, static_cast<std::uint32_t>(list.size()));
  out += list;
}

}  // namespace xgate::mqtt
