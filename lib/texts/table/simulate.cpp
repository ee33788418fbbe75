// SPDX-License-Identifier: Apache-2.0
#include "texts/table.hpp"

namespace xgate::texts {
namespace {

// clang-format off
constexpr Text simulate_table[] = {
    {"the simulation did not get to its end",
     "模拟没有走完"},
    {"the platform did not answer everything as the protocol wants",
     "平台没有按协议答复所有请求"},
};
// clang-format on

}  // namespace

std::span<const Text> simulate_texts() noexcept { return simulate_table; }

}  // namespace xgate::texts
