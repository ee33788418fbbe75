// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text topic_table[] = {
    {"the protocol has no such topic: see the table of section 2.3",
     "协议中没有该主题：见 §2.3 的表格"},
    {"not below the device's own /sys/OpenID/ProductID/NodeEui: another identity, or a wildcard in its place",
     "不在设备自己的 /sys/OpenID/ProductID/NodeEui 之下：是别的身份，或用了通配符"},
    {"the topic lacks its leading slash: it begins with /sys/",
     "主题缺少开头的斜杠：应以 /sys/ 开头"},
    {"not below the device's own /sys/OpenID/ProductID/NodeEui",
     "不在设备自己的 /sys/OpenID/ProductID/NodeEui 之下"},
    {"a V2_ login may ask for authentication only where its product is encrypted or of type 2: log in with the AUTH- credentials",
     "V2_ 登录只有在产品加密或为类型 2 时才能请求认证：请用 AUTH- 凭据登录"},
    {"an AUTH- login may publish to /sys/device/auth only: log in with the V2_ credentials to report",
     "AUTH- 登录只能发布到 /sys/device/auth：上报请用 V2_ 凭据登录"},
    {"on this topic the platform publishes and the device subscribes",
     "该主题由平台发布、设备订阅"},
    {"a device may not use shared subscriptions ($share)",
     "设备不得使用共享订阅（$share）"},
    {"an AUTH- login may subscribe to its own /sys/OpenID/ProductID/NodeEui/downlink only, without wildcards",
     "AUTH- 登录只能订阅自己的 /sys/OpenID/ProductID/NodeEui/downlink，不得用通配符"},
    {"# is not a filter of the protocol: subscribe to + or to single topics, or switch allow_hash on for the product",
     "# 不是协议允许的过滤器：请订阅 + 或单个主题，或为产品打开 allow_hash"},
    {"on this topic the device publishes: it cannot be subscribed to",
     "该主题由设备发布，不能订阅"},
    {"an AUTH- login receives auth replies on its downlink only",
     "AUTH- 登录只在自己的 downlink 上收到认证应答"},
    {"on this topic the device publishes: nothing is delivered to it",
     "该主题由设备发布，不向其投递"},
    {"a service account may publish to /sys/#, $xgate/# and $CONTROL/xgate/v1 only",
     "服务账号只能发布到 /sys/#、$xgate/# 和 $CONTROL/xgate/v1"},
    {"a service account may subscribe below /sys/, $xgate/ and $SYS/ only",
     "服务账号只能订阅 /sys/、$xgate/ 和 $SYS/ 之下"},
    {"the device sends more than {0} messages a second",
     "该设备每秒发送的报文超过 {0} 条"},
    {"the device sends more than {0} bytes a second",
     "该设备每秒发送的字节超过 {0}"},
    {"this identity logs in more than {0} times a minute",
     "该身份每分钟登录超过 {0} 次"},
    {"the devices of this product together ask for authentication more than {0} times a second",
     "该产品的设备合计每秒请求认证超过 {0} 次"},
    {"this login asks for authentication more than {0} times a minute",
     "该登录每分钟请求认证超过 {0} 次"},
    {"the session has {0} filters, and may have no more",
     "该会话已有 {0} 个订阅过滤器，不能再多"},
    {"a device of MQTT 5 publishes at QoS 0 or 1: the protocol knows no QoS 2",
     "MQTT 5 设备请用 QoS 0 或 1 发布：协议没有 QoS 2"},
    {"what waits in the broker for the service fills {0} percent of its queue: devices that send most are refused first",
     "broker 中等待服务处理的报文已占队列的 {0}%：先拒绝发送最多的设备"},
    {"it went on although it was refused, and its session was ended",
     "被拒绝后仍继续发送，会话已被终止"},
    {"the broker's queue for the service was full: {0} messages were refused (LIMIT-7) and {1} dropped, the last {2} s ago",
     "broker 为服务保留的队列满了：拒绝 {0} 条（LIMIT-7），丢弃 {1} 条，最近一次在 {2} 秒前"},
};
// clang-format on

}  // namespace

std::span<const Text> topic_texts() noexcept { return topic_table; }

}  // namespace xgate::texts
