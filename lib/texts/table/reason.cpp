// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text reason_table[] = {
    {"unacceptable protocol version (reason code {0})", "不接受该协议版本（原因码 {0}）"},
    {"client id rejected (reason code {0})", "ClientId 被拒绝（原因码 {0}）"},
    {"server unavailable (reason code {0})", "服务器不可用（原因码 {0}）"},
    {"bad user name or password (reason code {0})", "用户名或密码错误（原因码 {0}）"},
    {"not authorized (reason code {0})", "未授权（原因码 {0}）"},
    {"normal (reason code {0})", "正常断开（原因码 {0}）"},
    {"disconnected with will (reason code {0})", "断开并发布遗嘱（原因码 {0}）"},
    {"no matching subscribers (reason code {0})", "没有匹配的订阅者（原因码 {0}）"},
    {"unspecified error (reason code {0})", "未说明的错误（原因码 {0}）"},
    {"malformed packet (reason code {0})", "报文格式有误（原因码 {0}）"},
    {"protocol error (reason code {0})", "协议错误（原因码 {0}）"},
    {"implementation specific error (reason code {0})", "实现特定的错误（原因码 {0}）"},
    {"unsupported protocol version (reason code {0})", "不支持该协议版本（原因码 {0}）"},
    {"client id not valid (reason code {0})", "ClientId 无效（原因码 {0}）"},
    {"server busy (reason code {0})", "服务器忙（原因码 {0}）"},
    {"banned (reason code {0})", "已被禁止（原因码 {0}）"},
    {"server shutting down (reason code {0})", "服务器正在关闭（原因码 {0}）"},
    {"bad authentication method (reason code {0})", "认证方法有误（原因码 {0}）"},
    {"keep alive timeout (reason code {0})", "保活超时（原因码 {0}）"},
    {"session taken over (reason code {0})", "会话被顶替（原因码 {0}）"},
    {"topic filter invalid (reason code {0})", "主题过滤器无效（原因码 {0}）"},
    {"topic name invalid (reason code {0})", "主题名无效（原因码 {0}）"},
    {"packet identifier in use (reason code {0})", "报文标识符已占用（原因码 {0}）"},
    {"packet identifier not found (reason code {0})", "没有该报文标识符（原因码 {0}）"},
    {"receive maximum exceeded (reason code {0})", "超过接收最大值（原因码 {0}）"},
    {"topic alias invalid (reason code {0})", "主题别名无效（原因码 {0}）"},
    {"packet too large (reason code {0})", "报文过大（原因码 {0}）"},
    {"message rate too high (reason code {0})", "报文速率过高（原因码 {0}）"},
    {"quota exceeded (reason code {0})", "超过配额（原因码 {0}）"},
    {"administrative action (reason code {0})", "管理操作（原因码 {0}）"},
    {"payload format invalid (reason code {0})", "Payload 格式无效（原因码 {0}）"},
    {"retain not supported (reason code {0})", "不支持保留消息（原因码 {0}）"},
    {"QoS not supported (reason code {0})", "不支持该 QoS（原因码 {0}）"},
    {"use another server (reason code {0})", "请用另一服务器（原因码 {0}）"},
    {"server moved (reason code {0})", "服务器已迁移（原因码 {0}）"},
    {"shared subscriptions not supported (reason code {0})", "不支持共享订阅（原因码 {0}）"},
    {"connection rate exceeded (reason code {0})", "连接速率过高（原因码 {0}）"},
    {"maximum connect time (reason code {0})", "达到最长连接时间（原因码 {0}）"},
    {"subscription identifiers not supported (reason code {0})", "不支持订阅标识符（原因码 {0}）"},
    {"wildcard subscriptions not supported (reason code {0})", "不支持通配符订阅（原因码 {0}）"},
    {"unknown reason (reason code {0})", "未知原因（原因码 {0}）"},
};
// clang-format on

}  // namespace

std::span<const Text> reason_texts() noexcept { return reason_table; }

}  // namespace xgate::texts
