// SPDX-License-Identifier: Apache-2.0
#include "mqtt/reason.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace xgate::mqtt {
namespace {

struct Row {
  int code;
  std::string_view text;
};

constexpr std::array connack_311{
    Row{1, "unacceptable protocol version"},
    Row{2, "client id rejected"},
    Row{3, "server unavailable"},
    Row{4, "bad user name or password"},
    Row{5, "not authorized"},
};

constexpr std::array codes_5{
    Row{0x00, "normal"},
    Row{0x04, "disconnected with will"},
    Row{0x10, "no matching subscribers"},
    Row{0x80, "unspecified error"},
    Row{0x81, "malformed packet"},
    Row{0x82, "protocol error"},
    Row{0x83, "implementation specific error"},
    Row{0x84, "unsupported protocol version"},
    Row{0x85, "client id not valid"},
    Row{0x86, "bad user name or password"},
    Row{0x87, "not authorized"},
    Row{0x88, "server unavailable"},
    Row{0x89, "server busy"},
    Row{0x8a, "banned"},
    Row{0x8b, "server shutting down"},
    Row{0x8c, "bad authentication method"},
    Row{0x8d, "keep alive timeout"},
    Row{0x8e, "session taken over"},
    Row{0x8f, "topic filter invalid"},
    Row{0x90, "topic name invalid"},
    Row{0x91, "packet identifier in use"},
    Row{0x92, "packet identifier not found"},
    Row{0x93, "receive maximum exceeded"},
    Row{0x94, "topic alias invalid"},
    Row{0x95, "packet too large"},
    Row{0x96, "message rate too high"},
    Row{0x97, "quota exceeded"},
    Row{0x98, "administrative action"},
    Row{0x99, "payload format invalid"},
    Row{0x9a, "retain not supported"},
    Row{0x9b, "QoS not supported"},
    Row{0x9c, "use another server"},
    Row{0x9d, "server moved"},
    Row{0x9e, "shared subscriptions not supported"},
    Row{0x9f, "connection rate exceeded"},
    Row{0xa0, "maximum connect time"},
    Row{0xa1, "subscription identifiers not supported"},
    Row{0xa2, "wildcard subscriptions not supported"},
};

template <class Rows>
std::string look_up(const Rows& rows, int code) {
  const auto* row =
      std::find_if(rows.begin(), rows.end(), [code](const Row& r) { return r.code == code; });
  const std::string_view text = row == rows.end() ? "unknown reason" : row->text;
  return std::string(text) + " (reason code " + std::to_string(code) + ")";
}

}  // namespace

std::string connack_reason(Version version, int code) {
  return version == Version::v311 ? look_up(connack_311, code) : look_up(codes_5, code);
}

std::string reason_text(int code) { return look_up(codes_5, code); }

}  // namespace xgate::mqtt
