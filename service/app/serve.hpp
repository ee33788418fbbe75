// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/config/config.hpp"

namespace xgate::app {

/// `xgate serve`: runs until SIGTERM or SIGINT, then finishes what it has read and ends. A second
/// signal, or ten seconds, end it at once. The exit status: 0 ended as asked, 1 could not run.
/// Broker and database need not be there yet.
int serve(const config::Settings& settings);

}  // namespace xgate::app
