// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text script_table[] = {
    {"the parsing script",
     "解析脚本"},
    {"the product has no parsing script",
     "产品没有解析脚本"},
    {"the platform could not run the parsing script",
     "平台未能运行解析脚本"},
    {"the platform could not run the parsing script: send it again",
     "平台未能运行解析脚本：请重发"},
    {"the platform cannot run parsing scripts now",
     "平台暂时不能运行解析脚本"},
    {"what the parsing script gave cannot be read: {0}",
     "无法读取解析脚本给出的结果：{0}"},
    {"the parsing script cannot be loaded: {0}",
     "解析脚本无法加载：{0}"},
    {"the parsing script failed: {0}",
     "解析脚本出错：{0}"},
    {"the parsing script ran longer than {0}",
     "解析脚本运行超过 {0}"},
    {"the parsing script needs more than {0}",
     "解析脚本需要的内存超过 {0}"},
    {"the parsing script had to be ended: {0}",
     "解析脚本被强行结束：{0}"},
    {"the script has no function {0}",
     "脚本中没有函数 {0}"},
    {"the script is empty",
     "脚本为空"},
    {"the script has more than 65536 bytes",
     "脚本超过 65536 字节"},
    {"the script is not UTF-8 text without NUL",
     "脚本不是不含 NUL 的 UTF-8 文本"},
    {"{0} was not run: {1}",
     "{0}未运行：{1}"},
    {"it keeps running over its limits",
     "它反复超出限制"},
    {"it keeps running over its limits with what this device sends",
     "用该设备发来的内容时它反复超出限制"},
    {"it ran over its limits lately, and the machine is busy",
     "它最近超出过限制，且机器繁忙"},
    {"it takes long or ran over its limits lately, and too many of its calls wait",
     "它耗时较长或最近超出过限制，且等待的调用过多"},
    {"{0} gave {1}: it has to give an object",
     "{0} 给出了 {1}：须给出对象"},
    {"{0} gave {1}: it has to give an array of bytes",
     "{0} 给出了 {1}：须给出字节数组"},
    {"{0} gave something that is no JSON object",
     "{0} 给出的不是 JSON 对象"},
    {"{0} gave more than 256 kB of JSON",
     "{0} 给出的 JSON 超过 256 kB"},
    {"{0} gave more than 262144 bytes",
     "{0} 给出的超过 262144 字节"},
    {"{0} (line {1})",
     "{0}（第 {1} 行）"},
    {"byte {0} of what {1} gave is {2}: a byte is a whole number from 0 to 255",
     "{1} 给出的第 {0} 个字节是 {2}：字节须为 0 到 255 的整数"},
};
// clang-format on

}  // namespace

std::span<const Text> script_texts() noexcept { return script_table; }

}  // namespace xgate::texts
