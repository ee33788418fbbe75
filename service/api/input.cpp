// SPDX-License-Identifier: Apache-2.0
#include "service/api/input.hpp"

#include <algorithm>
#include <set>

#include "pg/bytea.hpp"
#include "protocol/aes.hpp"
#include "protocol/identity.hpp"
#include "protocol/json.hpp"
#include "service/api/time_text.hpp"
#include "service/store/columns.hpp"

namespace xgate::api {
namespace {

std::optional<std::int64_t> whole_between(const nlohmann::json& value, std::int64_t min,
                                          std::int64_t max) {
  const auto number = protocol::whole_number(value);
  return number && *number >= min && *number <= max ? number : std::nullopt;
}

std::string whole_number(std::int64_t min, std::int64_t max) {
  return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

constexpr int max_limit = 1000;
/// Heads every cursor, so that a text which is none is told from one.
constexpr std::string_view cursor_mark = "c1:";

}  // namespace

Result<Input> Input::parse(const std::string& body) {
  protocol::JsonLimits limits;
  limits.max_bytes = std::size_t{1} << 20U;
  auto json = protocol::parse_json(body, limits);
  if (!json) return tl::unexpected(bad_request("the body is no JSON: " + json.error()));
  if (!json->is_object()) return tl::unexpected(bad_request("the body is no JSON object"));
  Input input;
  input.object_ = std::move(*json);
  return input;
}

const nlohmann::json* Input::take(std::string_view name) {
  known_.emplace_back(name);
  const auto found = object_.find(std::string(name));
  return found == object_.end() ? nullptr : &*found;
}

void Input::text(std::string_view name, std::string& target, const Check& check,
                 std::string_view must) {
  const auto* value = take(name);
  if (value == nullptr) return;
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr || !check(*text)) return refuse(name, std::string(must));
  target = *text;
}

void Input::optional_text(std::string_view name, std::optional<std::string>& target,
                          const Check& check, std::string_view must) {
  const auto* value = take(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    target.reset();
    return;
  }
  std::string text;
  const auto before = errors_.size();
  this->text(name, text, check, must);
  if (errors_.size() == before) target = std::move(text);
}

void Input::word(std::string_view name, std::string& target, std::string_view one,
                 std::string_view other, std::string_view requirement) {
  text(
      name, target, [&](std::string_view text) { return text == one || text == other; },
      "must be \"" + std::string(one) + "\" or \"" + std::string(other) + "\" (" +
          std::string(requirement) + ')');
}

void Input::boolean(std::string_view name, bool& target) {
  const auto* value = take(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) return refuse(name, "must be true or false");
  target = value->get<bool>();
}

void Input::optional_boolean(std::string_view name, std::optional<bool>& target) {
  const auto* value = take(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    target.reset();
  } else if (value->is_boolean()) {
    target = value->get<bool>();
  } else {
    refuse(name, "must be true, false or null");
  }
}

void Input::number(std::string_view name, std::int64_t& target, std::int64_t min,
                   std::int64_t max) {
  const auto* value = take(name);
  if (value == nullptr) return;
  const auto number = whole_between(*value, min, max);
  if (!number) return refuse(name, "must be " + whole_number(min, max));
  target = *number;
}

void Input::optional_number(std::string_view name, std::optional<std::int64_t>& target,
                            std::int64_t min, std::int64_t max) {
  const auto* value = take(name);
  if (value == nullptr) return;
  if (value->is_null()) {
    target.reset();
  } else if (const auto number = whole_between(*value, min, max)) {
    target = number;
  } else {
    refuse(name, "must be " + whole_number(min, max) + " or null");
  }
}

std::optional<std::vector<std::string>> Input::texts(std::string_view name, std::size_t most) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  const bool good = value->is_array() && !value->empty() && value->size() <= most &&
                    std::all_of(value->begin(), value->end(),
                                [](const nlohmann::json& item) { return item.is_string(); });
  if (!good) {
    refuse(name, "must be a list of 1 to " + std::to_string(most) + " texts");
    return std::nullopt;
  }
  return value->get<std::vector<std::string>>();
}

bool Input::has(std::string_view name) const { return object_.contains(std::string(name)); }

void Input::require(std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (!has(name)) refuse(name, "is missing");
  }
}

void Input::refuse(std::string_view name, std::string detail) {
  errors_.push_back({"/" + std::string(name), std::move(detail)});
}

std::optional<Problem> Input::problem() {
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      refuse(name, "is no member of this object, or cannot be set");
    }
  }
  if (errors_.empty()) return std::nullopt;
  Problem made;
  made.status = 422;
  made.type = "invalid";
  made.detail = errors_.front().pointer.substr(1) + " " + errors_.front().detail;
  made.errors = std::move(errors_);
  return made;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  const auto number = number_from<std::int64_t>(text);
  return number && *number > 0 ? number : std::nullopt;
}

Result<DevicePath> device_of_path(const Request& request) {
  const auto parsed = protocol::parse_device_name(request.parameters.at(0));
  if (!parsed) {
    return tl::unexpected(not_found("a device is named ProductID.NodeEui, which this is not"));
  }
  return DevicePath{std::string(parsed->product_id), std::string(parsed->node_eui)};
}

bool is_name(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  return !text.empty() && text.size() <= 200 && !controls && store::is_storable(text);
}

Result<void> check_query(const Request& request, std::initializer_list<std::string_view> names) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return tl::unexpected(bad_request("this path has no query parameter \"" + name + "\""));
    }
    if (!seen.insert(name).second) {
      return tl::unexpected(bad_request("the query parameter \"" + name + "\" is there twice"));
    }
  }
  return {};
}

Result<ListQuery> parse_list_query(const Request& request,
                                   std::initializer_list<std::string_view> others,
                                   bool with_after) {
  // An initializer_list cannot be added to: the common parameters are taken out instead.
  Request rest;
  ListQuery query;
  std::set<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    const bool common = name == "limit" || name == "cursor" || (with_after && name == "after");
    if (!common) {
      rest.query.emplace_back(name, value);
      continue;
    }
    if (!seen.insert(name).second) {
      return tl::unexpected(bad_request("the query parameter \"" + name + "\" is there twice"));
    }
    if (name == "limit") {
      const auto limit = number_from<int>(value);
      if (!limit || *limit < 1 || *limit > max_limit) {
        return tl::unexpected(bad_request("limit must be a whole number from 1 to 1000"));
      }
      query.limit = *limit;
    } else if (name == "cursor") {
      auto key = from_cursor(value);
      if (!key) return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
      query.cursor = std::move(*key);
    } else {
      query.after = value;
    }
  }
  if (auto known = check_query(rest, others); !known) {
    return tl::unexpected(std::move(known).error());
  }
  return query;
}

Result<std::optional<std::int64_t>> time_parameter(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::nullopt;
  const auto time = time_from_text(*text);
  if (time) return time;
  return tl::unexpected(bad_request(std::string(name) +
                                    " must be an RFC 3339 time with its zone, such as "
                                    "2026-11-23T02:04:50Z or 2026-11-23T10:04:50%2B08:00"));
}

std::string to_cursor(std::string_view key) {
  std::string cursor;
  pg::append_hex(cursor, std::string(cursor_mark) + std::string(key));
  return cursor;
}

std::optional<std::string> from_cursor(std::string_view cursor) {
  auto key = protocol::from_hex(cursor);
  if (!key || !key->starts_with(cursor_mark) || key->size() == cursor_mark.size() ||
      !store::is_storable(*key)) {
    return std::nullopt;
  }
  return key->substr(cursor_mark.size());
}

}  // namespace xgate::api
