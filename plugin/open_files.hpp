// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "plugin/broker.hpp"

namespace xgate::plugin {

/// A connection is an open file. Debian's unit gives Mosquitto 1,024 (systemd's soft limit), and
/// beyond them it takes nobody: the soft limit becomes the hard one. What the log says about it.
struct OpenFiles {
  LogLevel level = LogLevel::info;
  std::string text;
};
OpenFiles raise_open_files();

}  // namespace xgate::plugin
