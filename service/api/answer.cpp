// SPDX-License-Identifier: Apache-2.0
#include "service/api/answer.hpp"

#include "protocol/json_text.hpp"
#include "service/api/etag.hpp"

namespace xgate::api {

Response json_response(const Json& body, int status) {
  Response response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Response shown_once(const Json& body, std::initializer_list<const char*> secrets, int status) {
  auto response = json_response(body, status);
  Json without = body;
  for (const char* secret : secrets) {
    if (without.contains(secret)) without[secret] = nullptr;
  }
  response.body_of_repeat = json_response(without).body;
  return response;
}

Response versioned_response(const Request& request, Response response, std::int64_t version,
                            const std::string& created_at) {
  // The time tells versions of products apart that had one name after the other.
  const std::string etag = '"' + std::to_string(version) + '-' + created_at + '"';
  if (names_tag(request.if_none_match, etag)) {
    response.status = 304;
    response.body.clear();
  }
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Cache-Control", "private, no-cache");
  return response;
}

Json stored_json(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  auto value =
      protocol::parse_ordered_json(*text, {.max_bytes = std::size_t{4} << 20U, .max_depth = 64});
  return value ? std::move(*value) : Json(*text);
}

}  // namespace xgate::api
