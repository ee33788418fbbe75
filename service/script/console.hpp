// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

struct duk_hthread;

// console.log and the like of a script: what a call prints is kept, up to max_printed bytes,
// outside the arena that is put back before the next call. One interpreter a process.
namespace xgate::script {

void add_console(duk_hthread* context);
void forget_printed() noexcept;
/// Lines in CESU-8, each with its end.
std::string_view printed() noexcept;

}  // namespace xgate::script
