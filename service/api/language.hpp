// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "service/api/http.hpp"

namespace xgate::api {

/// The answer in the language that the request prefers (Accept-Language): the sentences in it,
/// which are problems, reasons, explanations and notes. Documents and what devices sent stay as
/// they are.
Response in_language(Response response, std::string_view accept_language);

}  // namespace xgate::api
