// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

#include "directory/snapshot.hpp"

// The directory's copy on disk, so that a broker can start while the database is away. It holds
// DeviceSecrets and ProductKeys: only its owner may read it, and it is believed only where nobody
// else could have written it.
namespace xgate::directory {

/// Replaces the file as a whole (temporary file, fsync, rename), mode 0600. The overlay must be
/// empty (see merged()). The number of bytes written, or one sentence.
tl::expected<std::size_t, std::string> write_copy(const std::string& path,
                                                  const Snapshot& snapshot);

/// The copy, or one sentence that says why it is not believed: missing, not ours, readable by
/// others, truncated, changed, or of another version.
tl::expected<Snapshot, std::string> read_copy(const std::string& path);

}  // namespace xgate::directory
