// SPDX-License-Identifier: Apache-2.0
#include "texts/texts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "texts/table.hpp"

namespace xgate::texts {
namespace {

constexpr std::size_t most_values = 10;
using Values = std::array<std::string_view, most_values>;

bool is_place(std::string_view text, std::size_t at) noexcept {
  return at + 2 < text.size() && text[at] == '{' && text[at + 1] >= '0' && text[at + 1] <= '9' &&
         text[at + 2] == '}';
}

std::size_t next_place(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (is_place(text, at)) return at;
  }
  return std::string_view::npos;
}

/// A template of the table, taken apart: literal, place, literal, …
struct Pattern {
  const Text* text = nullptr;
  std::vector<std::string_view> literals;  ///< one more than places
  std::vector<std::size_t> places;         ///< which value stands after each literal
  std::size_t weight = 0;                  ///< letters that must be there: the more, the surer
};

Pattern pattern_of(const Text& text) {
  Pattern pattern;
  pattern.text = &text;
  std::size_t from = 0;
  for (std::size_t at = next_place(text.en, 0); at != std::string_view::npos;
       at = next_place(text.en, from)) {
    pattern.literals.push_back(text.en.substr(from, at - from));
    pattern.places.push_back(static_cast<std::size_t>(text.en[at + 1] - '0'));
    from = at + 3;
  }
  pattern.literals.push_back(text.en.substr(from));
  for (const std::string_view literal : pattern.literals) pattern.weight += literal.size();
  return pattern;
}

/// No value is what a joint has been cut through behind, or in.
bool is_cut_through(std::string_view value) noexcept {
  return value.starts_with(' ') || value.ends_with(':') || value.ends_with(';') ||
         value.ends_with(',');
}

/// The values that make the template this sentence; nothing where none do.
std::optional<Values> match(const Pattern& pattern, std::string_view sentence) {
  Values values{};
  const std::string_view head = pattern.literals.front();
  const std::string_view tail = pattern.literals.back();
  if (!sentence.starts_with(head)) return std::nullopt;
  sentence.remove_prefix(head.size());
  if (pattern.places.empty()) {
    return sentence.empty() ? std::optional(values) : std::nullopt;
  }
  if (sentence.size() < tail.size() || !sentence.ends_with(tail)) return std::nullopt;
  sentence.remove_suffix(tail.size());
  for (std::size_t i = 0; i + 1 < pattern.places.size(); ++i) {
    const std::size_t at = sentence.find(pattern.literals[i + 1]);
    if (at == std::string_view::npos || is_cut_through(sentence.substr(0, at))) return std::nullopt;
    values.at(pattern.places[i]) = sentence.substr(0, at);
    sentence.remove_prefix(at + pattern.literals[i + 1].size());
  }
  values.at(pattern.places.back()) = sentence;
  if (sentence.starts_with(' ') || (!tail.empty() && is_cut_through(sentence))) return std::nullopt;
  return values;
}

std::vector<Pattern> patterns_by_weight() {
  std::vector<Pattern> patterns;
  for (const Text& text : all()) patterns.push_back(pattern_of(text));
  std::ranges::stable_sort(patterns, std::greater{}, &Pattern::weight);
  return patterns;
}

bool has_chinese(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
}

/// "…(ID-3)": the sentence before the requirement's id.
std::string_view without_requirement(std::string_view english) noexcept {
  const std::size_t at = english.rfind(" (");
  if (at == std::string_view::npos || !english.ends_with(')')) return english;
  const std::string_view id = english.substr(at + 2, english.size() - at - 3);
  const bool looks_like_one = id.find('-') != std::string_view::npos && id.size() <= 12 &&
                              id.find(' ') == std::string_view::npos;
  return looks_like_one ? english.substr(0, at) : english;
}

/// " (ID-3)" behind what is said of the sentence; in Chinese marks where that is Chinese.
std::string with_requirement(std::string said, std::string_view id) {
  if (id.empty() || !has_chinese(said)) return said.append(id);
  return said.append("（").append(id.substr(2, id.size() - 3)).append("）");
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> joints{
    {{"; ", "；"}, {": ", "："}, {", ", "，"}}};

/// A Chinese character or mark; letters and digits have a blank between them and one.
bool is_wide(std::string_view character) noexcept {
  return !character.empty() && static_cast<unsigned char>(character.front()) >= 0xE3;
}

/// Without the blank that would stand between two Chinese words.
void append_closely(std::string& text, std::string_view more) {
  const bool blank_before = text.ends_with(' ');
  const std::size_t end = text.size() - (blank_before ? 1 : 0);
  const bool wide_before = end >= 3 && is_wide(std::string_view(text).substr(end - 3));
  const bool blank_after = more.starts_with(' ');
  if (wide_before && blank_before && is_wide(more)) text.pop_back();
  if (wide_before && blank_after && is_wide(more.substr(1))) more.remove_prefix(1);
  text.append(more);
}

/// What a person, a device or a shell's line put between quotation marks: where it ends; `at` where
/// none begins there. An apostrophe within a word begins nothing.
std::size_t quoted_until(std::string_view text, std::size_t at) noexcept {
  const char mark = text[at];
  const bool begins = mark == '"' || (mark == '\'' && (at == 0 || text[at - 1] == ' '));
  if (!begins) return at;
  for (std::size_t end = at + 1; end < text.size(); ++end) {
    if (mark == '"' && text[end] == '\\') {
      ++end;
    } else if (text[end] == mark) {
      return end + 1;
    }
  }
  return at;
}

/// Likewise of what is quoted, or stands between braces as JSON does.
std::size_t literal_until(std::string_view text, std::size_t at) noexcept {
  if (text[at] != '{') return quoted_until(text, at);
  const std::size_t end = text.find('}', at);
  return end == std::string_view::npos ? at : end + 1;
}

/// A place where one sentence is joined to another.
struct Joint {
  std::size_t at = std::string_view::npos;
  std::string_view en;
  std::string_view zh;
};

/// "FILE:12", or its number: what programs that read such lines look for stays as it is. A port or
/// a time is none.
bool ends_with_a_line(std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789";
  const std::size_t colon = text.find_last_not_of(digits);
  if (colon == std::string_view::npos) return true;
  return text[colon] == ':' && colon > 0 && colon + 1 < text.size() &&
         digits.find(text[colon - 1]) == std::string_view::npos;
}

/// The first joint from there on that is not quoted.
std::optional<Joint> next_joint(std::string_view text, std::size_t from) noexcept {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (const std::size_t end = literal_until(text, at); end != at) {
      at = end - 1;
      continue;
    }
    for (const auto& [en, zh] : joints) {
      if (!text.substr(at).starts_with(en)) continue;
      const bool as_it_is = en == ": " && ends_with_a_line(text.substr(0, at));
      return Joint{at, en, as_it_is ? en : zh};
    }
  }
  return std::nullopt;
}

bool has_joint(std::string_view text) noexcept {
  return next_joint(text, 0) || without_requirement(text).size() < text.size();
}

/// Where the half begins that is said of a name: "/port must be …", "[broker] tls is …". 0:
/// nowhere.
std::size_t half_of(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 10> verbs{"\"",        "cannot ", "must ",  "is ",
                                                   "has ",      "needs ",  "names ", "carries ",
                                                   "contains ", "knows "};
  const auto end_of_word = [&](std::size_t from) {
    return std::min(text.find(' ', from), text.size());
  };
  const bool of_a_section = text.starts_with('[');
  std::size_t at = 0;
  for (int words = of_a_section ? 3 : 1; words > 0; --words) {
    const std::size_t end = end_of_word(at);
    const std::string_view word = text.substr(at, end - at);
    if (end == text.size() || word.ends_with(':') || word.find_first_of(",;\"'") != word.npos)
      break;
    at = std::min(text.find_first_not_of(' ', end), text.size());
    const auto begins = [&](std::string_view verb) { return text.substr(at).starts_with(verb); };
    if (std::ranges::any_of(verbs, begins)) return at;
  }
  return 0;
}

/// Of what kind the value of a place is.
enum class Value {
  sentence,
  quoted,  ///< stands between quotation marks: is said as it is
  words,   ///< "one of a, b, c": each is said as it is
};

Value value_after(const Pattern& pattern, std::size_t literal) noexcept {
  const std::string_view before = pattern.literals[literal];
  if (before.ends_with("one of ")) return Value::words;
  const bool quoted = before.ends_with('"') && pattern.literals[literal + 1].starts_with('"');
  return quoted ? Value::quoted : Value::sentence;
}

std::array<Value, most_values> kinds_of_values(const Pattern& pattern) {
  std::array<Value, most_values> kinds{};
  for (std::size_t i = 0; i < pattern.places.size(); ++i) {
    kinds.at(pattern.places[i]) = value_after(pattern, i);
  }
  return kinds;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

/// Whether a value that the sentence begins or ends with, but its Chinese does not, may be one and
/// what it is joined to.
bool may_be_torn(const Pattern& pattern, const Values& values) {
  if (pattern.places.empty()) return false;
  const std::string_view en = pattern.text->en;
  const std::string_view zh = pattern.text->zh;
  return (pattern.literals.front().empty() && !zh.starts_with(en.substr(0, 3)) &&
          has_joint(values.at(pattern.places.front()))) ||
         (pattern.literals.back().empty() && !zh.ends_with(en.substr(en.size() - 3)) &&
          value_after(pattern, pattern.places.size() - 1) == Value::sentence &&
          has_joint(values.at(pattern.places.back())));
}

/// Sentences are joined to others and stand in others. Of the ways to read one, that one counts
/// which leaves the fewest letters; of equal ones, the one that takes it for a single sentence.
class Translator {
 public:
  std::string of(std::string_view english) {
    if (const auto known = known_.find(english); known != known_.end()) return known->second;
    if (english.empty() || looks_ <= 0) return std::string(english);
    return known_.emplace(english, read(english, true)).first->second;
  }

 private:
  class Best {
   public:
    explicit Best(std::string_view english)
        : text(english), letters(letters_in(english)), of_english_(letters) {}

    void take(std::string other) {
      const std::ptrdiff_t others = letters_in(other);
      if (others >= letters) return;
      text = std::move(other);
      letters = others;
    }
    bool is_chinese() const noexcept { return letters < of_english_; }

    std::string text;
    std::ptrdiff_t letters;

   private:
    std::ptrdiff_t of_english_;
  };
  using Torn = std::vector<std::pair<const Pattern*, Values>>;

  static std::ptrdiff_t letters_in(std::string_view text) noexcept {
    return std::ranges::count_if(
        text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  }

  /// As one sentence of the table. Those that may have swallowed another are given back.
  Torn try_whole(std::string_view english, Best& best, bool only_halves = false) {
    static const std::vector<Pattern> patterns = patterns_by_weight();
    Torn torn;
    --looks_;
    for (const Pattern& pattern : patterns) {
      if (only_halves && pattern.literals.front().empty()) continue;
      const auto values = match(pattern, english);
      if (!values) continue;
      if (may_be_torn(pattern, *values)) {
        torn.emplace_back(&pattern, *values);
        continue;
      }
      best.take(filled(pattern, *values));
      if (pattern.places.empty() || !has_joint(english)) break;  // the surest, and no other way
    }
    return torn;
  }

  std::string filled(const Pattern& pattern, const Values& values) {
    const std::string_view zh = pattern.text->zh;
    const auto kinds = kinds_of_values(pattern);
    std::string sentence;
    std::size_t from = 0;
    for (std::size_t at = next_place(zh, 0); at != std::string_view::npos;
         at = next_place(zh, from)) {
      const auto place = static_cast<std::size_t>(zh[at + 1] - '0');
      append_closely(sentence, zh.substr(from, at - from));
      append_closely(sentence, said(values.at(place), kinds.at(place)));
      from = at + 3;
    }
    append_closely(sentence, zh.substr(from));
    return sentence;
  }

  std::string said(std::string_view value, Value kind) {
    if (kind == Value::quoted) return replaced(value, "\", \"", "\"、\"");
    return kind == Value::words ? replaced(value, ", ", "、") : of(value);
  }

  /// "/port must be a number", "[broker] tls must be a text": a half of the table, said of a name.
  void try_of_a_name(std::string_view english, Best& best) {
    const std::size_t half = half_of(english);
    if (half == 0) return;
    Best of_half(english.substr(half));
    try_whole(english.substr(half), of_half, true);
    if (!of_half.is_chinese()) return;
    const std::string_view name = english.substr(0, half);
    best.take(std::string(name == "it " ? "" : name).append(of_half.text));
  }

  /// `apart`: also as several sentences that are joined, and not as a single one alone.
  std::string read(std::string_view english, bool apart) {
    const std::string_view sentence = without_requirement(english);
    Best best(english);
    const auto torn = try_whole(english, best);
    if (sentence.size() < english.size()) {
      best.take(with_requirement(apart ? of(sentence) : read(sentence, false),
                                 english.substr(sentence.size())));
    }
    try_of_a_name(english, best);
    if (apart) try_joints(english, best);
    for (const auto& [pattern, values] : torn) best.take(filled(*pattern, values));
    return best.text;
  }

  /// As a sentence of the table, which may have joints itself, and what is joined to it.
  void try_joints(std::string_view english, Best& best) {
    auto joint = next_joint(english, 0);
    for (int i = 0; joint && i < most_joints_of_one && looks_ > 0; ++i) {
      const std::string rest = of(english.substr(joint->at + joint->en.size()));
      const std::string_view first = english.substr(0, joint->at);
      best.take(read(first, false).append(joint->zh).append(rest));
      joint = next_joint(english, joint->at + joint->en.size());
    }
  }

  static constexpr int most_joints_of_one = 8;

  std::map<std::string_view, std::string> known_;
  /// How often the table may still be looked through. What devices and scripts say stands in
  /// sentences too, and is as long and has as many joints as they like.
  int looks_ = 2'000;
};

bool is_chinese(std::string_view tag) noexcept {
  const auto same = [](char letter, char small) { return letter == small || letter == small - 32; };
  return tag.size() >= 2 && same(tag[0], 'z') && same(tag[1], 'h') &&
         (tag.size() == 2 || tag[2] == '-' || tag[2] == '_' || tag[2] == '.');
}

std::string_view trimmed(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Thousandths: "0.8" is 800; 1000 where there is none.
int weight_of(std::string_view parameters) noexcept {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  int weight = 0;
  int unit = 1000;
  for (const char c : trimmed(parameters.substr(at + 2))) {
    if (c == '.') continue;
    if (c < '0' || c > '9' || unit == 0) break;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(weight, 1000);
}

/// What the service said in Chinese already keeps its words, and has what the program put around
/// them in Chinese too.
std::string said_in_chinese(Translator& translator, std::string_view sentence) {
  const std::string_view without_id = without_requirement(sentence);
  if (!has_chinese(without_id)) return translator.of(sentence);
  const std::string_view id = sentence.substr(without_id.size());
  const bool of_it = without_id.starts_with("it ") && is_wide(without_id.substr(3));
  return with_requirement(translator.of(without_id.substr(of_it ? 3 : 0)), id);
}

/// One of several lines, with the blanks before it; its colon is that of the lines below it.
std::string line_in_chinese(Translator& translator, std::string_view line, bool others_follow) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const bool colon = others_follow && line.ends_with(':');
  const std::string_view sentence = line.substr(begin, line.size() - begin - (colon ? 1 : 0));
  std::string text = std::string(line.substr(0, begin)) + said_in_chinese(translator, sentence);
  if (colon) text += has_chinese(text) ? "：" : ":";
  return text;
}

}  // namespace

std::span<const Text> all() {
  static const std::vector<Text> table = [] {
    std::vector<Text> joined;
    for (const auto part : {login_texts(), topic_texts(), message_texts(), explanation_texts(),
                            model_texts(), script_texts(), command_texts(), api_texts(),
                            reason_texts(), program_texts(), simulate_texts()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return table;
}

std::string in_chinese(std::string_view english) {
  constexpr std::size_t longest = 4096;
  if (english.size() > longest) return std::string(english);
  Translator translator;
  if (english.find('\n') == std::string_view::npos) return said_in_chinese(translator, english);
  std::string lines;
  for (std::size_t end = english.find('\n'); end != std::string_view::npos;
       end = english.find('\n')) {
    lines += line_in_chinese(translator, english.substr(0, end), true);
    lines += '\n';
    english.remove_prefix(end + 1);
  }
  return lines + line_in_chinese(translator, english, false);
}

Language language_of_locale(std::string_view lc_all, std::string_view lc_messages,
                            std::string_view lang) noexcept {
  const std::string_view locale = !lc_all.empty()        ? lc_all
                                  : !lc_messages.empty() ? lc_messages
                                                         : lang;
  return is_chinese(locale) ? Language::zh : Language::en;
}

Language language_of_header(std::string_view accept_language) noexcept {
  int chinese = 0;
  int other = 0;
  while (!accept_language.empty()) {
    const std::size_t end = std::min(accept_language.find(','), accept_language.size());
    const std::string_view one = trimmed(accept_language.substr(0, end));
    accept_language.remove_prefix(std::min(end + 1, accept_language.size()));
    const std::size_t semicolon = std::min(one.find(';'), one.size());
    const int weight = one.empty() ? 0 : weight_of(one.substr(semicolon));
    const bool english_or_any = one.starts_with("en") || one.starts_with("*");
    if (is_chinese(trimmed(one.substr(0, semicolon)))) chinese = std::max(chinese, weight);
    if (english_or_any) other = std::max(other, weight);
  }
  return chinese > 0 && chinese >= other ? Language::zh : Language::en;
}

}  // namespace xgate::texts
