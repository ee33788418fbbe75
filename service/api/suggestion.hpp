// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/api/http.hpp"

namespace xgate::api {

/// Of a 404 whose path names a product, device or vendor in another case than there is one:
/// "…; did you mean AA30C505?"
void suggest_id(pg::Connection& database, const Request& request, Problem& problem);

}  // namespace xgate::api
