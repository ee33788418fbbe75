// SPDX-License-Identifier: Apache-2.0
#include "service/api/answer.hpp"

namespace xgate::api {

Response json_response(const Json& body, int status) {
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

}  // namespace xgate::api
