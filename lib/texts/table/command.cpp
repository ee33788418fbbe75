// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text command_table[] = {
    {"the message of {0} bytes is larger than the Maximum Packet Size that the device named when it connected (MQTT 5): the broker dropped it",
     "这条 {0} 字节的报文超过设备连接时声明的 Maximum Packet Size（MQTT 5），已被 broker 丢弃"},
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
