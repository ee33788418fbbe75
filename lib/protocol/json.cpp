// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "protocol/explain_json.hpp"
#include "protocol/json_text.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

/// An input iterator that leaves its place where the handler can read it: SAX events carry none.
class Tracked {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Tracked(const char* at, const char** place) : at_(at), place_(place) {}
  reference operator*() const { return *at_; }
  Tracked& operator++() {
    ++at_;
    *place_ = at_;
    return *this;
  }
  Tracked operator++(int) {
    const auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Tracked& other) const { return at_ == other.at_; }
  bool operator!=(const Tracked& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** place_;
};

/// Builds the tree and stops at the first thing that the limits or the protocol forbid.
template <class Json>
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  using typename nlohmann::json_sax<Json>::number_integer_t;
  using typename nlohmann::json_sax<Json>::number_unsigned_t;
  using typename nlohmann::json_sax<Json>::number_float_t;
  using typename nlohmann::json_sax<Json>::string_t;
  using typename nlohmann::json_sax<Json>::binary_t;

  TreeBuilder(std::string_view text, int max_depth)
      : text_(text), begin_(text.data()), place_(begin_), max_depth_(max_depth) {}

  const char** place() noexcept { return &place_; }
  Json take() noexcept { return std::move(root_); }
  std::string take_error() noexcept { return std::move(error_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    // The library turns an integer that does not fit into a double, which is another number.
    if (text.find_first_of(".eE") == string_t::npos) {
      return refuse("an integer does not fit into 64 bits");
    }
    return add(value);
  }
  bool string(string_t& value) override {
    if (holds_nul(value)) return refuse("a string holds the character \\u0000");
    return add(std::move(value));
  }
  bool binary(binary_t& /*value*/) override { return refuse("binary values are no JSON"); }

  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (holds_nul(name)) return refuse("a member's name holds the character \\u0000");
    auto& members = open_.back()->template get_ref<typename Json::object_t&>();
    if constexpr (std::is_same_v<Json, json>) {
      auto [member, is_new] = members.emplace(name, nullptr);
      if (!is_new) return refuse("a member stands there twice");
      member_ = &member->second;
    } else {  // its emplace() looks through all members
      member_ = &members.emplace_back(name, nullptr).second;
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const json::exception& problem) override {
    // Only the kind of the problem is told: the library's whole sentence quotes the input, which
    // may be a secret's.
    std::string_view detail(problem.what());
    const bool empty =
        detail.find("empty input") != std::string_view::npos;  // the library's since 3.11.3
    const auto begin = detail.find(" - ");
    detail = empty                             ? "unexpected end of input"
             : begin == std::string_view::npos ? "syntax error"
                                               : detail.substr(begin + 3);
    detail = detail.substr(0, std::min(detail.find("; last read"), detail.find("; expected")));
    if (problem.id == number_overflow) detail = "a number is out of range";
    error_ = "not JSON at byte " + std::to_string(position) + ": " + std::string(detail);
    if (const auto mistake = explain_json(text_, position); !mistake.empty()) {
      error_ += ": " + std::string(mistake);
    }
    return false;
  }

 private:
  static constexpr int number_overflow = 406;

  static bool holds_nul(const string_t& text) { return text.find('\0') != string_t::npos; }

  bool refuse(std::string_view what) {
    error_ = std::string(what) + ", near byte " + std::to_string(place_ - begin_);
    return false;
  }

  Json* put(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      auto& items = open_.back()->template get_ref<typename Json::array_t&>();
      return &items.emplace_back(std::move(value));
    }
    *member_ = std::move(value);
    return member_;
  }

  template <class Value>
  bool add(Value&& value) {
    put(Json(std::forward<Value>(value)));
    return true;
  }

  bool open(Json&& container) {
    if (open_.size() == static_cast<std::size_t>(max_depth_)) {
      return refuse("nested deeper than " + std::to_string(max_depth_) + " levels");
    }
    // An open container does not move: its parent grows only after it is closed.
    open_.push_back(put(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* begin_;
  const char* place_;
  int max_depth_;
  Json root_;
  std::vector<Json*> open_;
  Json* member_ = nullptr;  ///< of the innermost object, awaiting its value
  std::string error_;
};

std::optional<std::int64_t> whole(double number) noexcept {
  constexpr double beyond = 9223372036854775808.0;  // 2^63
  if (!std::isfinite(number) || number != std::floor(number)) return std::nullopt;
  if (number >= beyond) return INT64_MAX;
  return number < -beyond ? INT64_MIN : static_cast<std::int64_t>(number);
}

/// Hands what RapidJSON reads to the builder. False, of anything doubtful too: the text is then
/// read again by explain(), which has the last word.
template <class Builder>
class FastEvents {
 public:
  explicit FastEvents(Builder& builder) : builder_(builder) {}

  // NOLINTBEGIN(readability-identifier-naming): the names are RapidJSON's
  bool Null() { return builder_.null(); }
  bool Bool(bool value) { return builder_.boolean(value); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    if (std::all_of(text, text + length, [](char c) { return c >= '0' && c <= '9'; })) {
      std::uint64_t value = 0;
      return reads(text, length, value) && builder_.number_unsigned(value);
    }
    std::int64_t whole = 0;
    if (reads(text, length, whole)) return builder_.number_integer(whole);
    double value = 0;
    return reads(text, length, value) && builder_.number_float(value, {text, length});
  }
  bool String(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    std::string value(text, length);
    return is_text(value) && builder_.string(value);
  }
  bool StartObject() { return builder_.start_object(0); }
  bool Key(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    std::string name(text, length);
    return is_text(name) && builder_.key(name);
  }
  bool EndObject(rapidjson::SizeType /*members*/) { return builder_.end_object(); }
  bool StartArray() { return builder_.start_array(0); }
  bool EndArray(rapidjson::SizeType /*items*/) { return builder_.end_array(); }
  // Called with flags that read numbers into values, which we do not ask for.
  static bool Int(int /*value*/) { return false; }
  static bool Uint(unsigned /*value*/) { return false; }
  static bool Int64(std::int64_t /*value*/) { return false; }
  static bool Uint64(std::uint64_t /*value*/) { return false; }
  static bool Double(double /*value*/) { return false; }
  // NOLINTEND(readability-identifier-naming)

 private:
  template <class Number>
  static bool reads(const char* text, std::size_t length, Number& value) {
    const auto read = std::from_chars(text, text + length, value);
    return read.ec == std::errc() && read.ptr == text + length;
  }
  /// RapidJSON 1.1 writes the escape of half a surrogate pair, such as \udc00, as if it were text.
  static bool is_text(const std::string& value) {
    for (auto at = value.find('\xED'); at != std::string::npos; at = value.find('\xED', at + 1)) {
      if (at + 1 < value.size() && static_cast<unsigned char>(value[at + 1]) >= 0xA0) return false;
    }
    return true;
  }

  Builder& builder_;
};

/// Reads nearly all that comes, at two thirds of the other's cost. False says only: look again.
template <class Json>
bool read_fast(std::string_view text, TreeBuilder<Json>& builder) {
  constexpr unsigned flags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream(text.data(), text.size());
  FastEvents events(builder);
  rapidjson::Reader reader;
  return !reader.Parse<flags>(stream, events).IsError();
}

/// Says where and why a text is refused; what it takes after all is good. nlohmann's parser keeps
/// no call stack, so that nesting costs nothing before it is refused.
template <class Json>
bool explain(std::string_view text, TreeBuilder<Json>& builder) {
  const char* begin = text.data();
  return Json::sax_parse(Tracked(begin, builder.place()),
                         Tracked(begin + text.size(), builder.place()), &builder);
}

/// Stops at the value of one member of the outermost object; everything else only counts levels.
class MemberFinder final : public nlohmann::json_sax<json> {
 public:
  MemberFinder(std::string_view name, const char* begin)
      : name_(name), begin_(begin), place_(begin) {}
  const char** place() noexcept { return &place_; }
  std::string take() noexcept { return std::move(found_); }

  bool null() override { return !here_; }
  bool boolean(bool /*value*/) override { return !here_; }
  bool number_integer(number_integer_t /*value*/) override { return number(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return number(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return number();
  }
  bool string(string_t& value) override {
    if (here_ && value.find('\0') == string_t::npos) found_ = compact(value);
    return !here_;
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(); }
  bool start_array(std::size_t /*size*/) override { return depth_ > 0 && open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    here_ = depth_ == 1 && name == name_;
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*last_token*/,
                   const json::exception& /*problem*/) override {
    return false;
  }

 private:
  /// The library takes 0012, 0x10 and 1_000 for a 0 or a 1 and what is wrong behind it: a number is
  /// one where it ends.
  bool number() {
    constexpr std::string_view ends = " \t\r\n,}";
    const std::string_view read(begin_, static_cast<std::size_t>(place_ - begin_) - 1);
    if (here_ && ends.find(place_[-1]) != std::string_view::npos) {
      found_ = read.substr(read.find_last_not_of("0123456789+-.eE") + 1);
    }
    return !here_;
  }
  bool open() {
    ++depth_;
    return !here_;
  }
  bool close() { return --depth_ > 0; }

  std::string_view name_;
  const char* begin_;
  const char* place_;  ///< behind the byte that was read last, which ended a number
  int depth_ = 0;
  bool here_ = false;  ///< the value that comes is the one
  std::string found_;
};

template <class Json>
tl::expected<Json, std::string> parse(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes) {
    return tl::make_unexpected("longer than " + std::to_string(limits.max_bytes) + " bytes");
  }
  // The library takes a NUL byte for the end of its input and would not see what follows.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    const bool ends = nul + 1 == text.size();
    return tl::make_unexpected("a NUL byte at byte " + std::to_string(nul + 1) +
                               (ends ? ": a C string's end was sent along (sizeof)" : ""));
  }
  TreeBuilder<Json> builder(text, limits.max_depth);
  if (read_fast(text, builder)) {
    return builder.take();
  }
  TreeBuilder<Json> again(text, limits.max_depth);
  if (!explain(text, again)) {
    return tl::make_unexpected(again.take_error());
  }
  return again.take();
}

/// Goes through the outermost object of a valid text without building anything.
class MemberText {
 public:
  explicit MemberText(std::string_view text) : rest_(text) {}

  std::string_view find(std::string_view name) {
    skip_blanks();
    if (!rest_.starts_with('{')) return {};
    do {
      rest_.remove_prefix(1);  // { or ,
      skip_blanks();
      const auto key = take_value();
      skip_blanks();
      if (!rest_.starts_with(':')) return {};
      rest_.remove_prefix(1);
      skip_blanks();
      const auto value = take_value();
      if (key.size() == name.size() + 2 && key.substr(1, name.size()) == name) return value;
      skip_blanks();
    } while (rest_.starts_with(','));
    return {};
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  std::size_t end_of_string(std::size_t at) const {
    for (++at; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\') ++at;
    }
    return at + 1;
  }
  std::string_view take_value() {
    std::size_t end = 0;
    int depth = 0;
    while (end < rest_.size()) {
      const char c = rest_[end];
      if (c == '"') {
        end = end_of_string(end);
        if (depth == 0) break;
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 &&
          (closes || c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n'))
        break;
      depth += c == '{' || c == '[' ? 1 : closes ? -1 : 0;
      ++end;
      if (closes && depth == 0) break;
    }
    const auto value = rest_.substr(0, end);
    rest_.remove_prefix(value.size());
    return value;
  }

  std::string_view rest_;
};

}  // namespace

std::string find_scalar(std::string_view text, std::string_view name) {
  MemberFinder finder(name, text.data());
  json::sax_parse(Tracked(text.data(), finder.place()),
                  Tracked(text.data() + text.size(), finder.place()), &finder);
  return finder.take();
}

std::optional<std::int64_t> whole_number(const json& value) noexcept {
  if (value.is_number_float()) return whole(value.get<double>());
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
  }
  return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

std::optional<std::int64_t> whole_number_in(std::string_view text) noexcept {
  const auto read = [text](auto& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  std::int64_t number = 0;
  if (read(number)) return number;
  if (std::uint64_t large = 0; read(large)) return INT64_MAX;
  double real = 0;
  const bool fits = text.find_first_of(".eE") != std::string_view::npos && read(real);
  return fits ? whole(real) : std::nullopt;
}

tl::expected<json, std::string> parse_json(std::string_view text, JsonLimits limits) {
  return parse<json>(text, limits);
}

tl::expected<nlohmann::ordered_json, std::string> parse_ordered_json(std::string_view text,
                                                                     JsonLimits limits) {
  return parse<nlohmann::ordered_json>(text, limits);
}

std::string text_of_member(std::string_view object, std::string_view name, const json& value) {
  const auto text = MemberText(object).find(name);
  return text.empty() ? compact(value) : std::string(text);
}

const json* present_member(const json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace xgate::protocol
