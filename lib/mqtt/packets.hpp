// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "mqtt/message.hpp"

// The packets of MQTT 3.1.1 and 5 that a client sends and receives.
namespace xgate::mqtt {

/// The properties of MQTT 5 that mean something to a client. Others are checked for their form and
/// forgotten.
struct Properties {
  std::optional<std::uint32_t> session_expiry_s;
  std::optional<std::uint32_t> message_expiry_s;  ///< written only
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::uint32_t> maximum_packet_size;
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<std::uint16_t> topic_alias;
  std::optional<std::uint16_t> server_keep_alive_s;
  std::optional<std::uint8_t> maximum_qos;
  std::optional<bool> retain_available;
  std::string assigned_client_id;
  std::string authentication_method;  ///< empty: none
  std::string authentication_data;
  std::string reason_string;
  UserProperties user_properties;
};

struct Connect {
  std::string client_id;
  std::string username;  ///< empty: none
  std::string password;  ///< empty: none
  bool clean_start = true;
  std::uint16_t keepalive_s = 0;
  std::optional<Publish> will;
  /// MQTT 5: session expiry, receive maximum, maximum packet size, authentication
  Properties properties;
};

struct Connack {
  bool session_present = false;
  int reason_code = 0;
  Properties properties;
};

/// A PUBLISH that was received.
struct Delivery {
  Publish publish;
  std::uint16_t packet_id = 0;  ///< 0: QoS 0
};

/// PUBACK, and for incoming QoS 2 PUBREL.
struct Puback {
  std::uint16_t packet_id = 0;
  int reason_code = 0;
  std::string reason_string;
};
struct Pubrel {
  std::uint16_t packet_id = 0;
};

struct Suback {
  std::uint16_t packet_id = 0;
  std::vector<int> reason_codes;
};
struct Unsuback {
  std::uint16_t packet_id = 0;
  std::vector<int> reason_codes;  ///< MQTT 5
};

struct Pingresp {};

struct Disconnect {  ///< MQTT 5
  int reason_code = 0;
  Properties properties;
};

using Packet =
    std::variant<Connack, Delivery, Puback, Pubrel, Suback, Unsuback, Pingresp, Disconnect>;

/// What a packet can hold after its fixed header (2.1.4).
inline constexpr std::uint32_t remaining_length_limit = 268'435'455;

// Each appends one packet to `out`, or nothing and says why where it cannot be said in MQTT (a
// string of more than 65,535 bytes, a packet beyond the limit, a topic with a wildcard).
using Encoded = tl::expected<void, std::string>;
Encoded encode_connect(const Connect& connect, Version version, std::string& out);
/// `packet_id` is written for QoS 1 and 2 only.
Encoded encode_publish(const Publish& publish, std::uint16_t packet_id, Version version,
                       std::string& out);
Encoded encode_subscribe(const std::vector<Subscription>& subscriptions, std::uint16_t packet_id,
                         Version version, std::string& out);
Encoded encode_unsubscribe(const std::vector<std::string>& filters, std::uint16_t packet_id,
                           Version version, std::string& out);
void encode_puback(std::uint16_t packet_id, std::string& out);
void encode_pubrec(std::uint16_t packet_id, std::string& out);
void encode_pubcomp(std::uint16_t packet_id, std::string& out);
void encode_pingreq(std::string& out);
/// MQTT 3.1.1 knows no reason.
void encode_disconnect(int reason_code, Version version, std::string& out);

// MQTT 5's reason codes for what a client cannot take.
constexpr int malformed = 0x81;
constexpr int protocol_error = 0x82;
constexpr int topic_alias_invalid = 0x94;
constexpr int packet_too_large = 0x95;

/// Why received bytes are not MQTT; the reason code is what MQTT 5 wants in the DISCONNECT.
struct DecodeError {
  int reason_code = malformed;
  std::string reason;
};

/// Decodes the body of one packet (all that follows the fixed header). Never throws.
tl::expected<Packet, DecodeError> decode_packet(std::uint8_t first_byte, std::string_view body,
                                                Version version);

}  // namespace xgate::mqtt
