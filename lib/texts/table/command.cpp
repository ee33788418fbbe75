// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text command_table[] = {
    {"the message of {0} bytes is larger than the Maximum Packet Size that the device named when it connected (MQTT 5): the broker dropped it",
     "这条 {0} 字节的报文超过设备连接时声明的 Maximum Packet Size（MQTT 5），已被 broker 丢弃"},
    {"the vendor is disabled",
     "厂商已禁用"},
    {"the device is offline",
     "设备离线"},
    {"the device has not subscribed to {0}",
     "设备尚未订阅 {0}"},
    {"the device has no session key to encrypt it with: it has to authenticate and log in again (AUTH-3)",
     "设备没有用于加密的会话密钥：设备须重新认证并登录（AUTH-3）"},
    {"it was not sent before its time to live was over: the vendor was disabled",
     "有效期内未能发出：厂商处于禁用状态"},
    {"it was not sent before its time to live was over: the product was disabled",
     "有效期内未能发出：产品处于禁用状态"},
    {"it was not sent before its time to live was over: the device was disabled",
     "有效期内未能发出：设备处于禁用状态"},
    {"the device was not online before its time to live was over",
     "有效期内设备一直离线"},
    {"the device was online, but did not subscribe in time to {0}",
     "设备在线，但没有及时订阅 {0}"},
    {"the device was online, but had no session key to encrypt it with (AUTH-3)",
     "设备在线，但没有用于加密的会话密钥（AUTH-3）"},
    {"the broker did not take it before its time to live was over",
     "有效期内 broker 未接收"},
    {"the device did not answer in time",
     "设备没有及时应答"},
    {"the device said that it had it, and gave no result in time",
     "设备已表示收到，但没有及时给出结果"},
    {"cancelled before it was sent",
     "发出前已取消"},
    {"cancelled after it was sent: the device may still do it",
     "发出后取消：设备仍可能执行"},
    {"vendor {0} is disabled, and its devices are sent nothing: `xgate vendor set {1} --enabled on` enables it",
     "厂商 {0} 已禁用，不向其设备下发：用 `xgate vendor set {1} --enabled on` 启用"},
    {"product {0} is disabled, and its devices are sent nothing: `xgate product set {1} --enabled on` enables it",
     "产品 {0} 已禁用，不向其设备下发：用 `xgate product set {1} --enabled on` 启用"},
    {"device {0} is disabled, and is sent nothing: `xgate device enable {1}` enables it",
     "设备 {0} 已禁用，不向其下发：用 `xgate device enable {1}` 启用"},
    {"a transparent product has no properties and services: use kind \"down\" (ID-6)",
     "透传产品没有属性和服务：请用 kind \"down\"（ID-6）"},
    {"open must be true or false",
     "open 须为 true 或 false"},
    {"open must be true: of a product the open commands are listed, the others by device",
     "open 须为 true：按产品只列出未结束的命令，其余按设备查询"},
    {"the device answered Code {0}",
     "设备应答 Code {0}"},
    {"the device uses the new key already",
     "设备已在使用新密钥"},
    {"the device did not use the new key: Command 3 was sent {0} times",
     "设备没有使用新密钥：Command 3 已发送 {0} 次"},
    {"a newer session key replaces the one that it brings",
     "已有更新的会话密钥取代它所带的密钥"},
    {"too late for {0}: it is {1} already",
     "对 {0} 来说太迟：它已是 {1}"},
    {"DownID is none of an upgrade that this device was told of",
     "DownID 不属于通知过该设备的任何升级"},
    {"the device had this version already",
     "设备已是该版本"},
    {"the device reported this version without having confirmed the upgrade",
     "设备未确认升级便上报了该版本"},
    {"the device started again and reported {0} instead of {1}",
     "设备重启后上报的是 {0} 而不是 {1}"},
    {"this download is over: the upgrade {0}",
     "该下载已结束：升级 {0}"},
    {"this download is over: the upgrade {0}, and began anew with another DownID",
     "该下载已结束：升级 {0}，并已用另一个 DownID 重新开始"},
    {"too many DownIDs that do not exist were asked for from this address: try again later",
     "该地址请求了太多不存在的 DownID：请稍后再试"},
};
// clang-format on

}  // namespace

std::span<const Text> command_texts() noexcept { return command_table; }

}  // namespace xgate::texts
