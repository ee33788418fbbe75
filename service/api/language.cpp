// SPDX-License-Identifier: Apache-2.0
#include "service/api/language.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "service/api/answer.hpp"
#include "texts/texts.hpp"

namespace xgate::api {
namespace {

// Members that hold a sentence of ours, and lists whose objects have such members.
constexpr std::array<std::string_view, 6> sentences{"title",       "detail", "reason",
                                                    "explanation", "note",   "misfit"};
constexpr std::array<std::string_view, 5> lists{"items", "errors", "warnings", "breaks",
                                                "left_out"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) noexcept {
  return std::ranges::find(names, name) != names.end();
}

void translate(Json& object) {
  for (auto& [name, value] : object.items()) {
    if (value.is_string() && is_one_of(sentences, name)) {
      value = texts::in_chinese(value.get_ref<const std::string&>());
    } else if (value.is_array() && is_one_of(lists, name)) {
      for (Json& one : value) {
        if (one.is_object()) translate(one);
        if (one.is_string()) one = texts::in_chinese(one.get_ref<const std::string&>());
      }
    }
  }
}

}  // namespace

Response in_language(Response response, std::string_view accept_language) {
  response.headers.emplace_back("Vary", "Accept-Language");
  const bool json = response.content_type.starts_with("application/json") ||
                    response.content_type.starts_with("application/problem+json");
  if (!json || response.more || response.body.empty() ||
      texts::language_of_header(accept_language) != texts::Language::zh) {
    return response;
  }
  Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return response;
  translate(body);
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  response.headers.emplace_back("Content-Language", "zh");
  return response;
}

}  // namespace xgate::api
