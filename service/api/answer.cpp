// SPDX-License-Identifier: Apache-2.0
#include "service/api/answer.hpp"

#include "protocol/json.hpp"

namespace xgate::api {

Response json_response(const Json& body, int status) {
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Json stored_json(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  const auto value =
      protocol::parse_json(*text, {.max_bytes = std::size_t{4} << 20U, .max_depth = 64});
  return value ? Json(*value) : Json(*text);
}

}  // namespace xgate::api
