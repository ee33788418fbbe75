// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/identity.hpp"
#include "protocol/json.hpp"

// How this room's structs become JSON objects and back. Each struct names its members once, in a
// function describe(visitor, struct), and both directions follow it; an enumeration lists its names
// in names_of(value).
namespace xgate::link {

/// T, or const T: describe() serves reading and writing.
template <class T, class Struct>
concept OneOf = std::same_as<std::remove_const_t<T>, Struct>;

template <class Visitor, OneOf<protocol::Identity> T>
void describe(Visitor& visit, T& id) {
  visit("open_id", id.open_id);
  visit("product_id", id.product_id);
  visit("node_eui", id.node_eui);
}

/// Writes text at once: a tree of JSON for each event was a third of what a login costs.
class MemberWriter {
 public:
  template <class T>
  static void write_object(std::string& out, const T& value) {
    MemberWriter writer(out);
    describe(writer, value);
    writer.end();
  }

  /// The caller may go on with a last member, as the text after the colon, and ends the object.
  explicit MemberWriter(std::string& out) : out_(out) { out_ += '{'; }
  void name(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += '"';
    out_ += name;  // ours: nothing in it wants escaping
    out_ += "\":";
  }
  void end() { out_ += '}'; }

  void operator()(std::string_view name, std::string_view value) {
    this->name(name);
    write_text(value);
  }
  void operator()(std::string_view name, const std::string& value) {
    (*this)(name, std::string_view(value));
  }
  template <std::integral T>
  void operator()(std::string_view name, const T& value) {
    this->name(name);
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else {
      std::array<char, 24> digits{};
      out_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(std::string_view name, const T& value) {
    (*this)(name, names_of(value)[static_cast<std::size_t>(value)]);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(std::string_view name, const T& value) {
    this->name(name);
    write_object(out_, value);
  }
  template <class T>
  void operator()(std::string_view name, const std::vector<T>& values) {
    this->name(name);
    out_ += '[';
    for (const auto& value : values) {
      if (&value != &values.front()) out_ += ',';
      write_object(out_, value);
    }
    out_ += ']';
  }
  /// A member that an older writer does not know.
  template <class T>
  void optional(std::string_view name, const T& value) {
    (*this)(name, value);
  }

 private:
  static bool is_plain(char c) noexcept { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

  void write_text(std::string_view text) {
    if (std::ranges::all_of(text, is_plain)) {
      out_ += '"';
      out_ += text;
      out_ += '"';
    } else {
      out_ += protocol::compact(printable(text));  // how to escape is the library's to know
    }
  }

  /// Clients choose their ids and passwords: a NUL in one must not cost the whole batch, which no
  /// reader would accept with it. (Invalid UTF-8 is replaced where the text is made.)
  static std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
      if (c == '\0') {
        result += "\xEF\xBF\xBD";  // U+FFFD
      } else {
        result += c;
      }
    }
    return result;
  }

  std::string& out_;
  bool first_ = true;
};

/// Reads what MemberWriter wrote; the first member that is missing or of a wrong type is told.
class MemberReader {
 public:
  template <class T>
  static tl::expected<T, std::string> read(const nlohmann::json& object) {
    T value;
    MemberReader reader(object);
    describe(reader, value);
    if (!reader.error_.empty()) return tl::make_unexpected(std::move(reader.error_));
    return value;
  }

  void operator()(const char* name, std::string& out) {
    const auto* member = find(name, "text", &nlohmann::json::is_string);
    if (member != nullptr) out = member->get_ref<const std::string&>();
  }
  void operator()(const char* name, bool& out) {
    const auto* member = find(name, "true or false", &nlohmann::json::is_boolean);
    if (member != nullptr) out = member->get<bool>();
  }
  template <class T>
  requires std::integral<T>
  void operator()(const char* name, T& out) {
    const auto* member = find(name, "a whole number", &nlohmann::json::is_number_integer);
    if (member == nullptr) return;
    const bool fits = member->is_number_unsigned() ? std::in_range<T>(member->get<std::uint64_t>())
                                                   : std::in_range<T>(member->get<std::int64_t>());
    if (fits) {
      out = member->get<T>();
    } else {
      error_ = std::string(name) + " is out of range";
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(const char* name, T& out) {
    std::string text;
    (*this)(name, text);
    if (!error_.empty()) return;
    const auto names = names_of(out);
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) {
      error_ = std::string(name) + " is none of its names";
    } else {
      out = static_cast<T>(found - names.begin());
    }
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const char* name, T& out) {
    const auto* member = find(name, "an object", &nlohmann::json::is_object);
    if (member != nullptr) keep(name, read<T>(*member), out);
  }
  template <class T>
  void operator()(const char* name, std::vector<T>& out) {
    const auto* member = find(name, "a list", &nlohmann::json::is_array);
    if (member == nullptr) return;
    for (const auto& item : *member) keep(name, read<T>(item), out.emplace_back());
  }
  /// Left as it is where it is not there.
  template <class T>
  void optional(const char* name, T& out) {
    if (error_.empty() && object_.contains(name)) (*this)(name, out);
  }

 private:
  explicit MemberReader(const nlohmann::json& object) : object_(object) {
    if (!object.is_object()) error_ = "not an object";
  }

  const nlohmann::json* find(const char* name, std::string_view wanted,
                             bool (nlohmann::json::*is_wanted)() const noexcept) {
    if (!error_.empty()) return nullptr;
    const auto member = object_.find(name);
    if (member != object_.end() && ((*member).*is_wanted)()) return &*member;
    error_ = std::string(name) + " is not " + std::string(wanted);
    return nullptr;
  }

  template <class T>
  void keep(const char* name, tl::expected<T, std::string>&& value, T& out) {
    if (value) {
      out = std::move(*value);
    } else {
      error_ = std::string(name) + ": " + value.error();
    }
  }

  const nlohmann::json& object_;
  std::string error_;
};

/// A variant of described structs as {"type": its name, …members}. `names` in the variant's order.
template <class T>
struct Named {
  using Type = T;
  std::string_view name;
};

template <class Variant, class... Ts>
void write_variant(std::string& out, const Variant& value, const Named<Ts>&... kinds) {
  const auto write = [&]<class T>(const Named<T>& kind) {
    if (const auto* held = std::get_if<T>(&value)) {
      MemberWriter writer(out);
      writer("type", kind.name);
      describe(writer, *held);
      writer.end();
    }
  };
  (write(kinds), ...);
}

template <class Variant, class... Ts>
tl::expected<Variant, std::string> read_variant(const nlohmann::json& object,
                                                const Named<Ts>&... kinds) {
  const auto type = object.is_object() ? object.find("type") : object.end();
  if (type == object.end() || !type->is_string()) {
    return tl::make_unexpected(std::string("type is not text"));
  }
  const auto& name = type->get_ref<const std::string&>();
  tl::expected<Variant, std::string> result =
      tl::make_unexpected(std::string("type is none that is known"));
  const auto read = [&]<class T>(const Named<T>& kind) {
    if (kind.name != name) return;
    auto value = MemberReader::read<T>(object);
    if (value) {
      result = Variant(std::move(*value));
    } else {
      result = tl::make_unexpected(std::string(kind.name) + ": " + value.error());
    }
  };
  (read(kinds), ...);
  return result;
}

}  // namespace xgate::link
