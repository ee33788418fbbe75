// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text program_table[] = {
    {"a command is missing",
     "缺少命令"},
    {"there is no command \"{0}\"",
     "没有命令 \"{0}\""},
    {"there is no option {0}",
     "没有选项 {0}"},
    {"{0} (did you mean {1}?)",
     "{0}（是否想输入 {1}？）"},
    {"\"{0}\" is one word too many",
     "多了一个词 \"{0}\""},
    {"{0} is required",
     "缺少 {0}"},
    {"{0} needs a value: {1}",
     "{0} 需要一个值：{1}"},
    {"{0} does not go with {1}",
     "{0} 不能与 {1} 同用"},
    {"{0} needs {1}",
     "{0} 需要 {1}"},
    {"see: {0}",
     "见：{0}"},
    {"\"{0}\" is none of {1}",
     "\"{0}\" 不是 {1} 之一"},
    {"nothing to set: give at least one option",
     "没有要修改的内容：请至少给出一个选项"},
    {"nothing to set: give --name or --enabled",
     "没有要修改的内容：请给出 --name 或 --enabled"},
    {"cannot read {0}: {1}",
     "无法读取 {0}：{1}"},
    {"No such file or directory",
     "没有该文件或目录"},
    {"Permission denied",
     "没有权限"},
    {"cannot write to standard output; is the disk full?",
     "无法写入标准输出；磁盘是否已满？"},
    {"{0}; waiting for it",
     "{0}；等待恢复"},
    {"the service is back",
     "服务已恢复"},
};
// clang-format on

}  // namespace

std::span<const Text> program_texts() noexcept { return program_table; }

}  // namespace xgate::texts
