// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Where plugin and service meet on the broker. Only service accounts may touch these.
namespace xgate::link {

/// Plugin → service, QoS 1: one EventBatch a message (events.hpp).
inline constexpr std::string_view events_topic = "$xgate/v1/events";
inline constexpr std::string_view xgate_prefix = "$xgate/";
/// Service → plugin: a message for one MQTT session of a device (address.hpp).
inline constexpr std::string_view address_prefix = "$xgate/v1/to/";
/// Service → plugin: one Command a message (control.hpp), handled in the broker's thread before
/// anything that the same connection publishes afterwards.
inline constexpr std::string_view control_topic = "$CONTROL/xgate/v1";

/// The broker's own log, notices. The service subscribes so that the plugin is asked about each; it
/// gets none of them.
inline constexpr std::string_view broker_notices = "$SYS/broker/log/N";

/// MQTT 5's authentication method by which a service account may log in: the data are its password,
/// and the answer, in CONNACK, is the broker's epoch. So the service knows in which life of the
/// broker it is before the first message comes. Without it a service account logs in like everybody
/// else.
inline constexpr std::string_view login_method = "xgate";

/// MQTT 5 user properties that the plugin stamps on /sys/device/auth, in place of whatever
/// properties a client sent. The service trusts only these (AUTH-4).
inline constexpr std::string_view property_prefix = "xgate-";
inline constexpr std::string_view property_open_id = "xgate-open-id";
inline constexpr std::string_view property_product_id = "xgate-product-id";
inline constexpr std::string_view property_node_eui = "xgate-node-eui";
inline constexpr std::string_view property_login = "xgate-login";      ///< "auth" or "v2"
inline constexpr std::string_view property_address = "xgate-address";  ///< where it came from
/// "<epoch>/<session number>", as in the events. Stamped on auth requests, whose reply is for that
/// session, and on firmware_report and ota_notify_ack, where a new session of the device means that
/// it started again (OTA-3).
inline constexpr std::string_view property_session = "xgate-session";

/// link::sums_text() of what the plugin put into the queue of requests for authentication before
/// this one. Stamped on those.
inline constexpr std::string_view property_queued = "xgate-queued";

/// link::stamp_text() of the limit that the sender went beyond: the service refuses the message,
/// and says so. Only on messages that would have been delivered.
inline constexpr std::string_view property_limit = "xgate-limit";

}  // namespace xgate::link
