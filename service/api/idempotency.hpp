// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "service/api/http.hpp"
#include "service/api/router.hpp"

// Every POST, with an Idempotency-Key or without.
namespace xgate::api {

/// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view text) noexcept;

/// Does a POST in one transaction, which is rolled back where it is refused. Under a key its answer
/// is written in the same one, and given again to the same request.
Result<Response> do_once(Context& context, const Route& route, const Request& request);

/// Whether its key has an answer. Whether that is this request's only its body tells.
bool has_answer(pg::Connection& database, const Request& request);

}  // namespace xgate::api
