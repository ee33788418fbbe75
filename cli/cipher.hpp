// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

// AES-128-ECB-PKCS5 (ENC-1) by hand.
Handler declare_encrypt(CLI::App& app);
Handler declare_decrypt(CLI::App& app);
/// ENC-2 in its readings.
Handler declare_session_key(CLI::App& app);

}  // namespace xgate::cli
