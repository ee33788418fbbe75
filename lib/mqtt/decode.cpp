// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "mqtt/packets.hpp"
#include "mqtt/properties.hpp"
#include "mqtt/wire.hpp"

namespace xgate::mqtt {
namespace {

using Decoded = tl::expected<Packet, DecodeError>;

tl::unexpected<DecodeError> refuse(int code, std::string reason) {
  return tl::unexpected(DecodeError{code, std::move(reason)});
}

/// The end of every body: all was there, and nothing more.
Decoded finish(const wire::Reader& reader, Packet packet, const char* name) {
  if (reader.failed()) return refuse(malformed, std::string(name) + " is cut off or not UTF-8");
  if (!reader.at_end()) return refuse(malformed, std::string(name) + " is followed by more bytes");
  return packet;
}

Decoded decode_connack(wire::Reader reader, Version version) {
  Connack connack;
  const std::uint8_t flags = reader.u8();
  connack.session_present = (flags & 1) != 0;
  connack.reason_code = reader.u8();
  if (reader.failed()) return refuse(malformed, "CONNACK is cut off");
  if ((flags & 0xfe) != 0) return refuse(malformed, "CONNACK sets reserved flags");
  if (version == Version::v5) {
    // A 3.1.1 broker answers a CONNECT of MQTT 5 with its own two bytes ("unacceptable version").
    if (!reader.at_end() || connack.reason_code == 0) {
      auto properties = read_properties(reader, PropertyOwner::connack);
      if (!properties) return tl::unexpected(properties.error());
      connack.properties = std::move(*properties);
    }
  }
  if (connack.session_present && connack.reason_code != 0)
    return refuse(protocol_error, "CONNACK refuses and tells of a session");
  return finish(reader, std::move(connack), "CONNACK");
}

Decoded decode_publish(std::uint8_t flags, wire::Reader reader, Version version) {
  Delivery delivery;
  Publish& publish = delivery.publish;
  publish.dup = (flags & 8) != 0;
  publish.qos = (flags >> 1) & 3;
  publish.retain = (flags & 1) != 0;
  if (publish.qos == 3) return refuse(malformed, "PUBLISH has QoS 3");
  publish.topic = reader.text();
  if (publish.qos > 0) delivery.packet_id = reader.u16();
  if (reader.failed()) return refuse(malformed, "PUBLISH is cut off or its topic is not UTF-8");
  if (publish.qos > 0 && delivery.packet_id == 0)
    return refuse(protocol_error, "PUBLISH has packet id 0");
  if (version == Version::v5) {
    auto properties = read_properties(reader, PropertyOwner::publish);
    if (!properties) return tl::unexpected(properties.error());
    if (properties->topic_alias)
      return refuse(topic_alias_invalid, "PUBLISH uses a topic alias, which was not offered");
    publish.user_properties = std::move(properties->user_properties);
  }
  if (publish.topic.empty()) return refuse(protocol_error, "PUBLISH has no topic");
  if (publish.topic.find_first_of("+#") != std::string::npos)
    return refuse(protocol_error, "PUBLISH has a wildcard in its topic");
  publish.payload = reader.rest();
  return Packet(std::move(delivery));
}

/// PUBACK and PUBREL share their form: an id, and in MQTT 5 perhaps a reason and properties.
tl::expected<Puback, DecodeError> read_ack(wire::Reader& reader, Version version) {
  Puback ack;
  ack.packet_id = reader.u16();
  if (version == Version::v5 && !reader.at_end()) {
    ack.reason_code = reader.u8();
    if (!reader.at_end()) {
      auto properties = read_properties(reader, PropertyOwner::ack);
      if (!properties) return tl::unexpected(properties.error());
      ack.reason_string = std::move(properties->reason_string);
    }
  }
  if (!reader.failed() && ack.packet_id == 0)
    return refuse(protocol_error, "an acknowledgement has packet id 0");
  return ack;
}

Decoded decode_puback(wire::Reader reader, Version version) {
  auto ack = read_ack(reader, version);
  if (!ack) return tl::unexpected(ack.error());
  return finish(reader, std::move(*ack), "PUBACK");
}

Decoded decode_pubrel(wire::Reader reader, Version version) {
  auto ack = read_ack(reader, version);
  if (!ack) return tl::unexpected(ack.error());
  return finish(reader, Pubrel{ack->packet_id}, "PUBREL");
}

template <class Ack>
Decoded decode_suback(wire::Reader reader, Version version, const char* name) {
  Ack ack;
  ack.packet_id = reader.u16();
  if (version == Version::v5) {
    auto properties = read_properties(reader, PropertyOwner::ack);
    if (!properties) return tl::unexpected(properties.error());
  }
  while (!reader.at_end()) ack.reason_codes.push_back(reader.u8());
  if (!reader.failed() && ack.packet_id == 0)
    return refuse(protocol_error, std::string(name) + " has packet id 0");
  return finish(reader, std::move(ack), name);
}

Decoded decode_unsuback(wire::Reader reader, Version version) {
  if (version == Version::v5) return decode_suback<Unsuback>(reader, version, "UNSUBACK");
  Unsuback ack;
  ack.packet_id = reader.u16();
  return finish(reader, std::move(ack), "UNSUBACK");
}

Decoded decode_disconnect(wire::Reader reader, Version version) {
  if (version == Version::v311)
    return refuse(protocol_error, "a broker of MQTT 3.1.1 sends no DISCONNECT");
  Disconnect disconnect;
  if (!reader.at_end()) disconnect.reason_code = reader.u8();
  if (!reader.at_end()) {
    auto properties = read_properties(reader, PropertyOwner::disconnect);
    if (!properties) return tl::unexpected(properties.error());
    disconnect.properties = std::move(*properties);
  }
  return finish(reader, std::move(disconnect), "DISCONNECT");
}

}  // namespace

Decoded decode_packet(std::uint8_t first_byte, std::string_view body, Version version) {
  const wire::Reader reader(body);
  const auto flags = static_cast<std::uint8_t>(first_byte & 0x0f);
  const int type = first_byte >> 4;
  if (type == 3) return decode_publish(flags, reader, version);
  if (flags != (type == 6 ? 2 : 0))
    return refuse(malformed, "a packet of type " + std::to_string(type) + " sets reserved flags");
  switch (type) {
    case 2:
      return decode_connack(reader, version);
    case 4:
      return decode_puback(reader, version);
    case 6:
      return decode_pubrel(reader, version);
    case 9:
      return decode_suback<Suback>(reader, version, "SUBACK");
    case 11:
      return decode_unsuback(reader, version);
    case 13:
      return finish(reader, Pingresp{}, "PINGRESP");
    case 14:
      return decode_disconnect(reader, version);
    default:
      break;
  }
  return refuse(protocol_error,
                "a packet of type " + std::to_string(type) + " that no broker sends to us");
}

}  // namespace xgate::mqtt
