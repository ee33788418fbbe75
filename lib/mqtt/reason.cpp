// SPDX-License-Identifier: Apache-2.0
#include "mqtt/reason.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace xgate::mqtt {
namespace {

struct ReasonRow {
  int code;
  std::string_view text;
};

constexpr std::array connack_311{
    ReasonRow{1, "unacceptable protocol version"},
    ReasonRow{2, "client id rejected"},
    ReasonRow{3, "server unavailable"},
    ReasonRow{4, "bad user name or password"},
    ReasonRow{5, "not authorized"},
};

constexpr std::array codes_5{
    ReasonRow{0x00, "normal"},
    ReasonRow{0x04, "disconnected with will"},
    ReasonRow{0x10, "no matching subscribers"},
    ReasonRow{0x80, "unspecified error"},
    ReasonRow{0x81, "malformed packet"},
    ReasonRow{0x82, "protocol error"},
    ReasonRow{0x83, "implementation specific error"},
    ReasonRow{0x84, "unsupported protocol version"},
    ReasonRow{0x85, "client id not valid"},
    ReasonRow{0x86, "bad user name or password"},
    ReasonRow{0x87, "not authorized"},
    ReasonRow{0x88, "server unavailable"},
    ReasonRow{0x89, "server busy"},
    ReasonRow{0x8a, "banned"},
    ReasonRow{0x8b, "server shutting down"},
    ReasonRow{0x8c, "bad authentication method"},
    ReasonRow{0x8d, "keep alive timeout"},
    ReasonRow{0x8e, "session taken over"},
    ReasonRow{0x8f, "topic filter invalid"},
    ReasonRow{0x90, "topic name invalid"},
    ReasonRow{0x91, "packet identifier in use"},
    ReasonRow{0x92, "packet identifier not found"},
    ReasonRow{0x93, "receive maximum exceeded"},
    ReasonRow{0x94, "topic alias invalid"},
    ReasonRow{0x95, "packet too large"},
    ReasonRow{0x96, "message rate too high"},
    ReasonRow{0x97, "quota exceeded"},
    ReasonRow{0x98, "administrative action"},
    ReasonRow{0x99, "payload format invalid"},
    ReasonRow{0x9a, "retain not supported"},
    ReasonRow{0x9b, "QoS not supported"},
    ReasonRow{0x9c, "use another server"},
    ReasonRow{0x9d, "server moved"},
    ReasonRow{0x9e, "shared subscriptions not supported"},
    ReasonRow{0x9f, "connection rate exceeded"},
    ReasonRow{0xa0, "maximum connect time"},
    ReasonRow{0xa1, "subscription identifiers not supported"},
    ReasonRow{0xa2, "wildcard subscriptions not supported"},
};

template <class Rows>
std::string look_up(const Rows& rows, int code) {
  const auto* row =
      std::find_if(rows.begin(), rows.end(), [code](const ReasonRow& r) { return r.code == code; });
  const std::string_view text = row == rows.end() ? "unknown reason" : row->text;
  return std::string(text) + " (reason code " + std::to_string(code) + ")";
}

}  // namespace

std::string connack_reason(Version version, int code) {
  return version == Version::v311 ? look_up(connack_311, code) : look_up(codes_5, code);
}

std::string reason_text(int code) { return look_up(codes_5, code); }

}  // namespace xgate::mqtt
