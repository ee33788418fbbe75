// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text model_table[] = {
    {"the model knows no {0}",
     "物模型中没有 {0}"},
    {"the model has no {0}",
     "物模型中没有 {0}"},
    {"the property cannot be set, it is read-only",
     "该属性为只读，不能设置"},
    {"the property cannot be asked for, it is write-only",
     "该属性为只写，不能查询"},
    {"is no whole number (int)",
     "不是整数（int）"},
    {"is neither 0 nor 1 (bool)",
     "既不是 0 也不是 1（bool）"},
    {"is no value of the enum",
     "不是枚举中的值"},
    {"is no text",
     "不是文本"},
    {"is no time in milliseconds since 1970 (date)",
     "不是自 1970 年起的毫秒时间（date）"},
    {"is no array",
     "不是数组"},
    {"is no object",
     "不是对象"},
    {"is out of range, {0}",
     "超出范围 {0}"},
    {"the text has {0} bytes, at most {1} are allowed",
     "文本有 {0} 字节，最多允许 {1}"},
    {"the array has {0} items, at most {1} are allowed",
     "数组有 {0} 项，最多允许 {1}"},
    {"the event {0} is gone: reports of it are refused",
     "事件 {0} 已移除：其上报将被拒绝"},
    {"{0} is gone: reports of it are refused",
     "{0} 已移除：其上报将被拒绝"},
    {"the service {0} is gone: it cannot be called any more",
     "服务 {0} 已移除：不能再调用"},
    {"{0} could be set, and cannot any more",
     "{0} 原可设置，现在不能"},
    {"{0} could be asked for, and cannot any more",
     "{0} 原可查询，现在不能"},
    {"{0} is gone: who sends it is refused",
     "{0} 已移除：发送它的上报将被拒绝"},
    {"{0} is gone: devices do not get it any more",
     "{0} 已移除：设备不再收到它"},
    {"{0} is new: devices do not know it",
     "{0} 为新增：设备不认识它"},
    {"{0}: what was right may be refused",
     "{0}：原来正确的可能被拒绝"},
    {"{0}: devices may be sent what they do not know",
     "{0}：可能向设备下发其不认识的内容"},
    {"was of type {0} and is {1}",
     "类型原为 {0}，现为 {1}"},
    {"the range was {0} and is {1} now",
     "范围原为 {0}，现为 {1}"},
    {"a thing model is a JSON object",
     "物模型须为 JSON 对象"},
    {"must be an object",
     "须为对象"},
    {"must be an array",
     "须为数组"},
    {"must be a whole number",
     "须为整数"},
    {"the thing model is not valid, it has {0}",
     "物模型无效，有 {0}"},
};
// clang-format on

}  // namespace

std::span<const Text> model_texts() noexcept { return model_table; }

}  // namespace xgate::texts
