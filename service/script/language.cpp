// SPDX-License-Identifier: Apache-2.0
#include "service/script/language.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "service/script/tokens.hpp"

namespace xgate::script {
namespace {

using Kind = Token::Kind;

struct Finding {
  std::size_t line = 0;
  std::string what;  ///< "`let`"
  std::string_view since;
  std::string instead;
  bool silent = false;  ///< the engine takes it for something else
};

std::string sentence(const Finding& found) {
  return "line " + std::to_string(found.line) + ": " + found.what + " is " +
         std::string(found.since) + "; scripts are ES5.1: " + found.instead;
}

std::string in_backticks(std::string_view word) { return '`' + std::string(word) + '`'; }

/// Words that mean something newer wherever they stand as a word of the language.
struct NewerWord {
  std::string_view word;
  std::string_view since;
  std::string_view instead;
};
constexpr std::array newer_signs{NewerWord{"=>", "ES6", "write `function (…) { return …; }`"},
                                 NewerWord{"`", "ES6", "write '…' + value"},
                                 NewerWord{"...", "ES6", "write `arguments`, `apply` or `concat`"},
                                 NewerWord{"?.", "ES2020", "write `a && a.b`"},
                                 NewerWord{"?\?=", "ES2021", "write `if (a == null) a = b;`"},
                                 NewerWord{"&&=", "ES2021", "write `if (a) a = b;`"},
                                 NewerWord{"||=", "ES2021", "write `if (!a) a = b;`"},
                                 NewerWord{"??", "ES2020", "write `a == null ? b : a`"}};
constexpr std::array newer_names{
    NewerWord{"const", "ES6", "write `var`"},
    NewerWord{"class", "ES6", "write a function and its prototype"},
    NewerWord{"import", "ES6", "a script is one file: write all into it"},
    NewerWord{"export", "ES6", "a script is one file, whose functions are found by their names"}};

/// Reads the words with their neighbours.
class Syntax {
 public:
  explicit Syntax(const std::vector<Token>& tokens) : tokens_(tokens) {}

  std::optional<Finding> at(std::size_t i) const {
    switch (tokens_[i].kind) {
      case Kind::sign:
        return sign_at(i);
      case Kind::name:
        return is_property(i) ? std::nullopt : name_at(i);
      case Kind::number:
        return number_at(i);
      case Kind::pattern:
        return pattern_at(i);
      default:
        return std::nullopt;
    }
  }

 private:
  const Token& token(std::size_t i) const { return tokens_[std::min(i, tokens_.size() - 1)]; }
  const Token& before(std::size_t i) const { return i == 0 ? tokens_.back() : tokens_[i - 1]; }
  bool opens_member(std::size_t i) const { return before(i).is("{") || before(i).is(","); }
  /// a.class, {class: 1}
  bool is_property(std::size_t i) const {
    return before(i).is(".") || before(i).is("?.") || (token(i + 1).is(":") && opens_member(i));
  }
  bool same_line(std::size_t i) const { return !token(i + 1).first_in_line; }
  Finding found(std::size_t i, std::string what, std::string_view since,
                std::string instead) const {
    return {tokens_[i].line, std::move(what), since, std::move(instead)};
  }

  std::optional<Finding> sign_at(std::size_t i) const {
    const Token& sign = tokens_[i];
    for (const NewerWord& newer : newer_signs) {
      if (sign.text == newer.word) {
        return found(i, what_of(sign.text), newer.since, std::string(newer.instead));
      }
    }
    if (sign.is("*") && opens_member(i)) return generator(i);
    if (sign.is("#") && i == 0 && token(1).is("!")) {
      return found(i, "`#!`", "ES2023", "leave this line out");
    }
    if (sign.is("=") && is_pattern_of_names(i)) return destructuring(i);
    if (sign.is(",") && token(i + 1).is(")")) {
      return found(i, "a comma before `)`", "ES2017", "leave it out");
    }
    return std::nullopt;
  }
  static std::string what_of(std::string_view sign) {
    if (sign == "=>") return "an arrow function (`=>`)";
    if (sign == "`") return "a template string";
    if (sign == "...") return "`...` (rest and spread)";
    return in_backticks(sign);
  }

  std::optional<Finding> name_at(std::size_t i) const {
    const std::string_view name = tokens_[i].text;
    const Token& next = token(i + 1);
    for (const NewerWord& newer : newer_names) {
      if (name != newer.word) continue;
      auto newer_word = found(i, in_backticks(name), newer.since, std::string(newer.instead));
      newer_word.silent = name == "const";
      return newer_word;
    }
    if (name == "let" && (next.kind == Kind::name || next.is("{") || next.is("["))) {
      return found(i, "`let`", "ES6", "write `var`");
    }
    if ((name == "var" || name == "const") && (next.is("{") || next.is("["))) {
      return destructuring(i);
    }
    if (name == "of" && is_of_loop(i)) {
      return found(i, "`for (… of …)`", "ES6", "write a loop by index");
    }
    if ((name == "async" || name == "await") && same_line(i) && next.kind == Kind::name) {
      return found(i, in_backticks(name), "ES2017",
                   "a script waits for nothing: write a plain function");
    }
    if (name == "yield" && same_line(i) && (next.kind == Kind::name || next.kind == Kind::number)) {
      return generator(i);
    }
    if (name == "catch" && next.is("{")) {
      return found(i, "`catch` without a name", "ES2019", "write `catch (e) {`");
    }
    return name == "function" ? function_at(i) : std::nullopt;
  }

  /// `for (var x of`; the loop's variable may be declared or not.
  bool is_of_loop(std::size_t i) const {
    if (i < 3 || before(i).kind != Kind::name) return false;
    const bool declared = before(i - 1).kind == Kind::name;
    const std::size_t open = declared ? i - 3 : i - 2;
    return tokens_[open].is("(") && open > 0 && before(open).is("for");
  }

  /// Its parameters.
  std::optional<Finding> function_at(std::size_t i) const {
    if (token(i + 1).is("*")) return generator(i);
    std::size_t at = i + (token(i + 1).kind == Kind::name ? 2 : 1);
    if (!token(at).is("(")) return std::nullopt;
    for (++at; at < tokens_.size() && !tokens_[at].is(")"); ++at) {
      if (tokens_[at].is("{") || tokens_[at].is("[")) return destructuring(at);
      if (tokens_[at].is("=")) {
        const std::string name(before(at).text);
        std::string instead = "write `if (";
        instead.append(name).append(" === undefined) ").append(name).append(" = …;`");
        return found(at, "a parameter's default value", "ES6", std::move(instead));
      }
      if (tokens_[at].is("...")) return std::nullopt;  // told in its place
    }
    return std::nullopt;
  }

  /// [a, b] = …, ({a, b} = …): what the sign closes before it was no index and no block.
  bool is_pattern_of_names(std::size_t i) const {
    if (i == 0 || (!before(i).is("]") && !before(i).is("}"))) return false;
    int depth = 0;
    for (std::size_t at = i; at-- > 0;) {
      const bool closes = tokens_[at].is("]") || tokens_[at].is("}") || tokens_[at].is(")");
      const bool opens = tokens_[at].is("[") || tokens_[at].is("{") || tokens_[at].is("(");
      depth += closes ? 1 : opens ? -1 : 0;
      if (depth > 0) continue;
      const Token& in_front = before(at);
      return tokens_[at].is("{") ? in_front.is("(")
                                 : in_front.kind == Kind::end || in_front.is(";") ||
                                       in_front.is("{") || in_front.is("}") || in_front.is(",");
    }
    return false;
  }

  Finding destructuring(std::size_t i) const {
    return found(i, "destructuring", "ES6", "write `var a = object.a;` for each");
  }
  Finding generator(std::size_t i) const {
    return found(i, "a generator", "ES6", "write a function that gives an array");
  }

  std::optional<Finding> number_at(std::size_t i) const {
    const std::string_view text = tokens_[i].text;
    if (text.find('_') != std::string_view::npos) {
      std::string plain(text);
      std::erase(plain, '_');
      return found(i, in_backticks(text), "ES2021", "write `" + plain + '`');
    }
    if (text.ends_with('n')) {
      return found(i, in_backticks(text), "ES2020",
                   "write a number, which is exact up to 2^53, or two halves");
    }
    return std::nullopt;
  }

  std::optional<Finding> pattern_at(std::size_t i) const {
    const std::string_view text = tokens_[i].text;
    const std::size_t slash = text.rfind('/');
    for (const char flag : text.substr(slash + 1)) {
      if (flag == 'g' || flag == 'i' || flag == 'm') continue;
      const bool known = flag == 'u' || flag == 'y';
      return found(i, "a pattern's flag " + in_backticks(std::string(1, flag)),
                   known ? "ES6" : "ES2018 or newer", "only g, i and m are there");
    }
    for (const std::string_view group : {"(?<=", "(?<!", "(?<"}) {
      if (text.find(group) == std::string_view::npos) continue;
      return found(i, in_backticks(group) + " in a pattern", "ES2018",
                   group == "(?<" ? "write `(…)`, and take groups by number"
                                  : "match what stands before, too, and cut it off");
    }
    return std::nullopt;
  }

  const std::vector<Token>& tokens_;
};

constexpr std::string_view by_loop = "write a loop";
constexpr std::string_view by_object = "write a plain object `{}`";
constexpr std::string_view one_file =
    "a script is one file, whose functions are found by their names";
constexpr std::string_view no_waiting = "a script waits for nothing";
constexpr std::string_view array_or_typed = "write an array of numbers or a `Uint8Array`";
constexpr std::string_view two_halves = "write two halves with `getUint32` or `setUint32`";

constexpr std::array missing{
    MissingName{"Map", "ES6", by_object},
    MissingName{"Set", "ES6", by_object},
    MissingName{"WeakMap", "ES6", by_object},
    MissingName{"WeakSet", "ES6", by_object},
    MissingName{"Promise", "ES6", no_waiting},
    MissingName{"BigInt", "ES2020", "write a number, which is exact up to 2^53, or two halves"},
    MissingName{"BigInt64Array", "ES2020", two_halves},
    MissingName{"BigUint64Array", "ES2020", two_halves},
    MissingName{"Intl", "of browsers", "write texts by hand"},
    MissingName{"require", "Node.js", one_file},
    MissingName{"module", "Node.js", one_file},
    MissingName{"Buffer.from", "Node.js", array_or_typed},
    MissingName{"Buffer.alloc", "Node.js", array_or_typed},
    MissingName{"process", "Node.js", "a script sees its input and nothing else"},
    MissingName{"setTimeout", "of browsers", no_waiting},
    MissingName{"setInterval", "of browsers", no_waiting},
    MissingName{"atob", "of browsers", by_loop},
    MissingName{"btoa", "of browsers", by_loop},
    MissingName{"fetch", "of browsers", "a script has no network"},
    MissingName{"structuredClone", "of browsers", "write `JSON.parse(JSON.stringify(a))`"},
    MissingName{"Object.entries", "ES2017", "write a loop over `Object.keys(a)`"},
    MissingName{"Object.values", "ES2017", "write a loop over `Object.keys(a)`"},
    MissingName{"Object.getOwnPropertyDescriptors", "ES2017",
                "write a loop with `Object.getOwnPropertyDescriptor`"},
    MissingName{"performance", "of browsers", "take `Date.now()`, which stands still in a call"},
    MissingName{"Object.fromEntries", "ES2019", by_loop},
    MissingName{"Object.hasOwn", "ES2022", "write `a.hasOwnProperty(name)`"},
    MissingName{"Array.from", "ES6", "write `Array.prototype.slice.call(a)`"},
    MissingName{"Array.of", "ES6", "write `[a, b]`"},
    MissingName{"Uint8Array.from", "ES6", "write `new Uint8Array(a)`"},
    MissingName{"Uint8Array.of", "ES6", "write `new Uint8Array([a, b])`"},
    MissingName{"String.raw", "ES6", "write the text with `\\\\`"},
    MissingName{"Math.fround", "ES6", "write `new Float32Array([a])[0]`"},
    MissingName{"Math.log1p", "ES6", "write `Math.log(1 + a)`"},
    MissingName{"Math.expm1", "ES6", "write `Math.exp(a) - 1`"},
    MissingName{"Math.sinh", "ES6", "write it with `Math.exp`"},
    MissingName{"Math.cosh", "ES6", "write it with `Math.exp`"},
    MissingName{"Math.tanh", "ES6", "write it with `Math.exp`"},
    MissingName{".padStart", "ES2017", "write `('00' + a).slice(-2)`"},
    MissingName{".padEnd", "ES2017", by_loop},
    MissingName{".trimStart", "ES2019", "write `.replace(/^\\s+/, '')`"},
    MissingName{".trimEnd", "ES2019", "write `.replace(/\\s+$/, '')`"},
    MissingName{".replaceAll", "ES2021", "write `.split(a).join(b)`"},
    MissingName{".matchAll", "ES2020", "write a loop with `exec`"},
    MissingName{".normalize", "ES6", "take the text as it is"},
    MissingName{".find", "ES6", "write `.filter(…)[0]`"},
    MissingName{".findIndex", "ES6", by_loop},
    MissingName{".findLast", "ES2023", by_loop},
    MissingName{".findLastIndex", "ES2023", by_loop},
    MissingName{".fill", "ES6", by_loop},
    MissingName{".copyWithin", "ES6", by_loop},
    MissingName{".flat", "ES2019", "write `Array.prototype.concat.apply([], a)`"},
    MissingName{".flatMap", "ES2019", by_loop},
    MissingName{".at", "ES2022", "write `a[i]` or `a[a.length - 1]`"},
    MissingName{".toSorted", "ES2023", "write `.slice().sort()`"},
    MissingName{".toReversed", "ES2023", "write `.slice().reverse()`"},
    MissingName{".getBigInt64", "ES2020", two_halves},
    MissingName{".getBigUint64", "ES2020", two_halves},
    MissingName{".setBigInt64", "ES2020", two_halves},
    MissingName{".setBigUint64", "ES2020", two_halves}};

/// How a script uses a name of the library. Who also tests for it, or makes it himself, knows that
/// it may be missing.
class Uses {
 public:
  Uses(const std::vector<Token>& tokens, std::string_view name) : tokens_(tokens) {
    const std::size_t dot = name.find('.');
    object_ = name.substr(0, dot);
    member_ = dot == std::string_view::npos ? "" : name.substr(dot + 1);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) look_at(i);
  }
  /// The line of the first call; 0: it is not only called, or not at all.
  std::size_t line() const { return only_called_ ? line_ : 0; }

 private:
  void look_at(std::size_t i) {
    const Token& token = tokens_[i];
    if (token.kind == Kind::text) {
      only_called_ = only_called_ && (member_.empty() || token.text.size() < 2 ||
                                      token.text.substr(1, token.text.size() - 2) != member_);
      return;
    }
    if (token.kind != Kind::name) return;
    const bool after_dot = i > 0 && tokens_[i - 1].is(".");
    if (member_.empty()) {
      const bool key = tokens_[i + 1].is(":");
      if (token.text == object_ && !after_dot && !key) {
        note(i, i > 0 && (tokens_[i - 1].is("function") || tokens_[i - 1].is("typeof")));
      }
    } else if (token.text == member_) {
      if (!after_dot) {
        only_called_ = only_called_ && !object_.empty();
      } else if (object_.empty() || (i > 1 && tokens_[i - 2].is(object_))) {
        note(i, false);
      }
    }
  }
  void note(std::size_t i, bool otherwise) {
    const Token& next = tokens_[i + 1];
    const bool called = next.is("(") || (member_.empty() && next.is("."));
    const bool made = i > 0 && tokens_[i - 1].is("new");
    only_called_ = only_called_ && !otherwise && (called || made);
    line_ = line_ == 0 ? tokens_[i].line : line_;
  }

  const std::vector<Token>& tokens_;
  std::string_view object_;
  std::string_view member_;
  bool only_called_ = true;
  std::size_t line_ = 0;
};

std::optional<Finding> first_missing(const std::vector<Token>& tokens) {
  std::optional<Finding> first;
  for (const MissingName& name : missing) {
    const std::size_t line = Uses(tokens, name.name).line();
    if (line == 0 || (first && first->line <= line)) continue;
    first = Finding{line, in_backticks(name.name), name.since, std::string(name.instead)};
  }
  return first;
}

std::optional<Finding> first_syntax(const std::vector<Token>& tokens, bool silent_only) {
  const Syntax syntax(tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto finding = syntax.at(i);
    if (finding && (finding->silent || !silent_only)) return finding;
  }
  return std::nullopt;
}

/// "… (line 3)", "… (line 3, end of input)"; nothing: it names none.
std::optional<std::size_t> line_in(std::string_view error) {
  constexpr std::string_view before = "(line ";
  const std::size_t at = error.rfind(before);
  std::size_t line = 0;
  if (at == std::string_view::npos) return std::nullopt;
  const auto digits = error.substr(at + before.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), line);
  return line;
}

}  // namespace

std::string newer_language(std::string_view source, std::string_view engine_error) {
  const auto tokens = tokens_of(source);
  const auto line = line_in(engine_error);
  auto first = first_syntax(tokens, !line);
  const auto name = first_missing(tokens);
  if (name && (!first || name->line < first->line)) first = name;
  // What comes after the engine's own complaint is not what it is about.
  if (!first || (line && first->line > *line)) return "";
  return sentence(*first);
}

std::span<const MissingName> missing_names() { return missing; }

}  // namespace xgate::script
