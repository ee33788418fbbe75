// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/api/http.hpp"
#include "service/store/message_log.hpp"

// Which rows of the record a request asks for, by its query parameters.
namespace xgate::api {

/// since, until
Result<void> read_times(const Request& request, store::RecordFilter& filter);

/// These, topic and verdict.
Result<void> read_message_filter(const Request& request, store::RecordFilter& filter);

}  // namespace xgate::api
