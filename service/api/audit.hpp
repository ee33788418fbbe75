// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/api/answer.hpp"
#include "service/api/router.hpp"

// Every change through the API leaves an entry in the audit list, in its own transaction. So does
// every answer with secrets.
namespace xgate::api {

/// What a handler tells of its change; null: there was, or is, nothing. Without secrets.
void note_change(Change& change, const Json& before, const Json& after);
void note_change(Context& context, const Json& before, const Json& after);

/// Of what a handler has done: who did it, and to what. The path names that where the handler does
/// not.
Result<void> write_audit(Context& context, const Route& route, const Request& request);

}  // namespace xgate::api
