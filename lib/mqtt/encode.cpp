// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "mqtt/packets.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/wire.hpp"

namespace xgate::mqtt {
namespace {

constexpr std::uint8_t type_connect = 0x10;
constexpr std::uint8_t type_publish = 0x30;
constexpr std::uint8_t type_puback = 0x40;
constexpr std::uint8_t type_pubrec = 0x50;
constexpr std::uint8_t type_pubcomp = 0x70;
constexpr std::uint8_t type_subscribe = 0x82;
constexpr std::uint8_t type_unsubscribe = 0xa2;
constexpr std::uint8_t type_pingreq = 0xc0;
constexpr std::uint8_t type_disconnect = 0xe0;

tl::unexpected<std::string> refuse(std::string why) { return tl::unexpected(std::move(why)); }

Encoded check_text(std::string_view text, const char* what) {
  if (text.size() > wire::text_limit)
    return refuse(std::string(what) + " is longer than 65,535 bytes");
  if (!wire::is_text(text)) return refuse(std::string(what) + " is not UTF-8, or holds NUL");
  return {};
}

Encoded check_user_properties(const UserProperties& properties) {
  for (const auto& [name, value] : properties)
    for (const std::string_view text : {std::string_view(name), std::string_view(value)})
      if (Encoded checked = check_text(text, "a user property"); !checked) return checked;
  return {};
}

Encoded check_authentication(const Properties& properties) {
  if (properties.authentication_data.size() > wire::text_limit)
    return refuse("the authentication data are longer than 65,535 bytes");
  return check_text(properties.authentication_method, "the authentication method");
}

Encoded check_topic(std::string_view topic) {
  if (topic.empty()) return refuse("a topic is empty");
  if (topic.find_first_of("+#") != std::string_view::npos)
    return refuse("a topic to publish to holds a wildcard");
  return check_text(topic, "a topic");
}

Encoded put_packet(std::string& out, std::uint8_t first_byte, std::string_view body) {
  if (body.size() > remaining_length_limit)
    return refuse("a packet is longer than MQTT allows (256 MB)");
  wire::put_u8(out, first_byte);
  wire::put_varint(out, static_cast<std::uint32_t>(body.size()));
  out += body;
  return {};
}

void put_bare(std::string& out, std::uint8_t first_byte, std::uint16_t packet_id) {
  wire::put_u8(out, first_byte);
  wire::put_u8(out, 2);
  wire::put_u16(out, packet_id);
}

Encoded put_will(std::string& body, const Publish& will, Version version) {
  if (Encoded checked = check_topic(will.topic); !checked) return checked;
  if (Encoded checked = check_user_properties(will.user_properties); !checked) return checked;
  if (will.payload.size() > wire::text_limit)
    return refuse("the will's payload is longer than 65,535 bytes");
  if (version == Version::v5) {
    Properties properties;
    properties.user_properties = will.user_properties;
    put_properties(body, properties);
  }
  wire::put_text(body, will.topic);
  wire::put_text(body, will.payload);
  return {};
}

std::uint8_t connect_flags(const Connect& connect) {
  unsigned flags = connect.clean_start ? 0x02U : 0U;
  if (connect.will) {
    flags |= 0x04U | static_cast<unsigned>(connect.will->qos & 3) << 3;
    if (connect.will->retain) flags |= 0x20U;
  }
  if (!connect.password.empty()) flags |= 0x40U;
  // MQTT 3.1.1 allows a password only after a username (3.1.2-22), so an empty one is sent.
  if (!connect.username.empty() || !connect.password.empty()) flags |= 0x80U;
  return static_cast<std::uint8_t>(flags);
}

}  // namespace

Encoded encode_connect(const Connect& connect, Version version, std::string& out) {
  if (Encoded checked = check_text(connect.client_id, "the client id"); !checked) return checked;
  if (Encoded checked = check_text(connect.username, "the username"); !checked) return checked;
  if (connect.password.size() > wire::text_limit)
    return refuse("the password is longer than 65,535 bytes");
  if (Encoded checked = check_user_properties(connect.properties.user_properties); !checked)
    return checked;
  if (Encoded checked = check_authentication(connect.properties); !checked) return checked;
  const std::uint8_t flags = connect_flags(connect);
  std::string body;
  wire::put_text(body, "MQTT");
  wire::put_u8(body, static_cast<std::uint8_t>(version));
  wire::put_u8(body, flags);
  wire::put_u16(body, connect.keepalive_s);
  if (version == Version::v5) put_properties(body, connect.properties);
  wire::put_text(body, connect.client_id);
  if (connect.will)
    if (Encoded put = put_will(body, *connect.will, version); !put) return put;
  if ((flags & 0x80U) != 0) wire::put_text(body, connect.username);
  if ((flags & 0x40U) != 0) wire::put_text(body, connect.password);
  return put_packet(out, type_connect, body);
}

Encoded encode_publish(const Publish& publish, std::uint16_t packet_id, Version version,
                       std::string& out) {
  if (Encoded checked = check_topic(publish.topic); !checked) return checked;
  std::string properties;
  if (version == Version::v5) {
    if (Encoded checked = check_user_properties(publish.user_properties); !checked) return checked;
    Properties list;
    list.user_properties = publish.user_properties;
    if (publish.expiry_s != 0) list.message_expiry_s = publish.expiry_s;
    put_properties(properties, list);
  }
  const std::size_t size = 2 + publish.topic.size() + (publish.qos > 0 ? 2 : 0) +
                           properties.size() + publish.payload.size();
  if (size > remaining_length_limit) return refuse("a message is longer than MQTT allows (256 MB)");
  const unsigned first = type_publish | (publish.dup ? 0x08U : 0U) |
                         static_cast<unsigned>(publish.qos & 3) << 1 | (publish.retain ? 1U : 0U);
  wire::put_u8(out, static_cast<std::uint8_t>(first));
  wire::put_varint(out, static_cast<std::uint32_t>(size));
  wire::put_text(out, publish.topic);
  if (publish.qos > 0) wire::put_u16(out, packet_id);
  out += properties;
  out += publish.payload;
  return {};
}

Encoded encode_subscribe(const std::vector<Subscription>& subscriptions, std::uint16_t packet_id,
                         Version version, std::string& out) {
  if (subscriptions.empty()) return refuse("a subscription names no filter");
  std::string body;
  wire::put_u16(body, packet_id);
  if (version == Version::v5) put_properties(body, {});
  for (const Subscription& subscription : subscriptions) {
    if (subscription.filter.empty()) return refuse("a topic filter is empty");
    if (Encoded checked = check_text(subscription.filter, "a topic filter"); !checked)
      return checked;
    wire::put_text(body, subscription.filter);
    const bool no_local = version == Version::v5 && subscription.no_local;
    wire::put_u8(body, static_cast<std::uint8_t>((subscription.qos & 3) | (no_local ? 4 : 0)));
  }
  return put_packet(out, type_subscribe, body);
}

Encoded encode_unsubscribe(const std::vector<std::string>& filters, std::uint16_t packet_id,
                           Version version, std::string& out) {
  if (filters.empty()) return refuse("an unsubscription names no filter");
  std::string body;
  wire::put_u16(body, packet_id);
  if (version == Version::v5) put_properties(body, {});
  for (const std::string& filter : filters) {
    if (filter.empty()) return refuse("a topic filter is empty");
    if (Encoded checked = check_text(filter, "a topic filter"); !checked) return checked;
    wire::put_text(body, filter);
  }
  return put_packet(out, type_unsubscribe, body);
}

void encode_puback(std::uint16_t packet_id, std::string& out) {
  put_bare(out, type_puback, packet_id);
}
void encode_pubrec(std::uint16_t packet_id, std::string& out) {
  put_bare(out, type_pubrec, packet_id);
}
void encode_pubcomp(std::uint16_t packet_id, std::string& out) {
  put_bare(out, type_pubcomp, packet_id);
}

void encode_pingreq(std::string& out) {
  wire::put_u8(out, type_pingreq);
  wire::put_u8(out, 0);
}

void encode_disconnect(int reason_code, Version version, std::string& out) {
  wire::put_u8(out, type_disconnect);
  if (version == Version::v311 || reason_code == 0) {
    wire::put_u8(out, 0);
    return;
  }
  wire::put_u8(out, 1);
  wire::put_u8(out, static_cast<std::uint8_t>(reason_code));
}

}  // namespace xgate::mqtt
