// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace xgate::script {

/// The first thing in a script that is newer than what the engine speaks, with its line and what to
/// write instead, in one sentence; empty: nothing. Where the engine could load the script, only
/// what it would silently take for something else counts, and what it would miss at a call.
/// `engine_error`: why it could not load it; empty: it could.
std::string newer_language(std::string_view source, std::string_view engine_error);

/// What newer scripts use of the library, and the engine does not have.
struct MissingName {
  std::string_view name;  ///< "Map", "Object.entries", ".padStart"
  std::string_view since;
  std::string_view instead;
};
std::span<const MissingName> missing_names();

}  // namespace xgate::script
