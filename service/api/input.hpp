// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/api/http.hpp"

namespace xgate::api {

/// A JSON object of a request, member by member. What is wrong is gathered, so that the client
/// hears of everything at once: read all members, then ask problem().
class Input {
 public:
  /// 400 where the body is no JSON object.
  static Result<Input> parse(const std::string& body);

  using Check = std::function<bool(std::string_view)>;
  // Each reads the member into `target` where it is there and good, and leaves it otherwise.
  void text(std::string_view name, std::string& target, const Check& check, std::string_view must);
  void optional_text(std::string_view name, std::optional<std::string>& target, const Check& check,
                     std::string_view must);  ///< null: nothing
  /// One of two words; `requirement` is named in the refusal.
  void word(std::string_view name, std::string& target, std::string_view one,
            std::string_view other, std::string_view requirement);
  void boolean(std::string_view name, bool& target);
  void optional_boolean(std::string_view name, std::optional<bool>& target);  ///< null: nothing
  void number(std::string_view name, std::int64_t& target, std::int64_t min, std::int64_t max);

  void optional_number(std::string_view name, std::optional<std::int64_t>& target, std::int64_t min,
                       std::int64_t max);  ///< null: nothing

  /// The member as it is; null where it is not there. Lives as long as this.
  const nlohmann::json* json(std::string_view name) { return take(name); }
  /// A list of 1 to `most` texts; nothing where it is not there or not that.
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t most);

  bool has(std::string_view name) const;
  void require(std::initializer_list<std::string_view> names);
  void refuse(std::string_view name, std::string detail);
  /// 422 naming every bad, missing and unknown member; nothing where all is well.
  std::optional<Problem> problem();

 private:
  const nlohmann::json* take(std::string_view name);

  nlohmann::json object_;
  std::vector<std::string> known_;
  std::vector<Problem::Member> errors_;
};

/// A whole number, and nothing beside it.
template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}
/// A row's number out of a path or a cursor, from 1.
std::optional<std::int64_t> number_of(std::string_view text);
/// The path's P.N; 404 where it is no such name.
struct DevicePath {
  std::string product_id;
  std::string node_eui;
};
Result<DevicePath> device_of_path(const Request& request);
bool is_name(std::string_view text);  ///< 1…200 bytes of UTF-8 without control characters

/// Query parameters of a list. 400 where one is unknown, twice there, or not what it must be.
struct ListQuery {
  int limit = 100;
  std::string cursor;  ///< decoded; empty: from the beginning
  std::optional<std::string> after;
};
Result<ListQuery> parse_list_query(const Request& request,
                                   std::initializer_list<std::string_view> others,
                                   bool with_after = false);
Result<void> check_query(const Request& request, std::initializer_list<std::string_view> names);

/// A time of the query; nothing where it is not there. 400 where it is none.
Result<std::optional<std::int64_t>> time_parameter(const Request& request, std::string_view name);

/// An opaque cursor, and what it was made of.
std::string to_cursor(std::string_view key);
std::optional<std::string> from_cursor(std::string_view cursor);

}  // namespace xgate::api
