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
};
// clang-format on

}  // namespace

std::span<const Text> topic_texts() noexcept { return topic_table; }

}  // namespace xgate::texts
