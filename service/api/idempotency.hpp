// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "service/api/http.hpp"
#include "service/api/router.hpp"

// Whatever is not a GET, with an Idempotency-Key or without.
namespace xgate::api {

/// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view text) noexcept;

/// Does what changes something in one transaction, which is rolled back where it is refused. Its
/// entry in the audit list is written in the same one, and so is, under a key, its answer, which is
/// given again to the same request.
Result<Response> do_once(Context& context, const Route& route, const Request& request);

/// Does what changes nothing. An answer with secrets leaves an entry in the audit list, or is not
/// given.
Result<Response> read_only(Handler handler, Context& context, const Route& route,
                           const Request& request);

/// Whether its key has an answer. Whether that is this request's only its body tells.
bool has_answer(pg::Connection& database, const Request& request);

}  // namespace xgate::api
