// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mqtt/message.hpp"

namespace xgate::mqtt {

/// "not authorized (reason code 135)": a refusing CONNACK's code. MQTT 3.1.1 has codes of its own.
std::string connack_reason(Version version, int code);
/// The same for the codes of MQTT 5 in DISCONNECT, PUBACK and SUBACK.
std::string reason_text(int code);

}  // namespace xgate::mqtt
