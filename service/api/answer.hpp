// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/api/http.hpp"
#include "service/api/input.hpp"

namespace xgate::api {

/// Members stay in the order they are given in, as people read them.
using Json = nlohmann::ordered_json;

Response json_response(const Json& body, int status = 200);

/// An answer that may have secrets. A repeat under the same Idempotency-Key has null in their
/// places: who is shown one is in the audit list, and what is stored for repeats has none.
Response shown_once(const Json& body, std::initializer_list<const char*> secrets, int status);

/// Of a version of a document, which never changes: 304 where the client has it.
Response versioned_response(const Request& request, Response response, std::int64_t version,
                            const std::string& created_at);

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Stored JSON text as the value it is; null where nothing is stored. The service stored it, within
/// these limits or smaller ones.
Json stored_json(const std::optional<std::string>& text);

/// {"items": …, "next_cursor": …} of rows that were asked for with one more than `limit`: whether
/// there is that one tells whether there is a next page. `key_of` gives what its cursor is made of.
template <class Row, class ToJson, class KeyOf>
Response list_response(const std::vector<Row>& rows, int limit, ToJson to_json, KeyOf key_of) {
  const auto shown = std::min(rows.size(), static_cast<std::size_t>(limit));
  Json items = Json::array();
  for (std::size_t i = 0; i < shown; ++i) items.push_back(to_json(rows[i]));
  Json cursor;
  if (rows.size() > shown) cursor = to_cursor(key_of(rows[shown - 1]));
  return json_response({{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

}  // namespace xgate::api
