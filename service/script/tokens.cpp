// SPDX-License-Identifier: Apache-2.0
#include "service/script/tokens.hpp"

#include <algorithm>
#include <array>

namespace xgate::script {
namespace {

// The longest first.
constexpr std::array signs{
    std::string_view(">>>="), std::string_view("..."),  std::string_view("==="),
    std::string_view("!=="),  std::string_view("**="),  std::string_view("<<="),
    std::string_view(">>="),  std::string_view(">>>"),  std::string_view("&&="),
    std::string_view("||="),  std::string_view("?\?="), std::string_view("=>"),
    std::string_view("=="),   std::string_view("!="),   std::string_view("<="),
    std::string_view(">="),   std::string_view("&&"),   std::string_view("||"),
    std::string_view("??"),   std::string_view("?."),   std::string_view("++"),
    std::string_view("--"),   std::string_view("+="),   std::string_view("-="),
    std::string_view("*="),   std::string_view("/="),   std::string_view("%="),
    std::string_view("&="),   std::string_view("|="),   std::string_view("^="),
    std::string_view("**"),   std::string_view("<<"),   std::string_view(">>")};

constexpr std::array before_a_value{
    std::string_view("return"), std::string_view("typeof"), std::string_view("case"),
    std::string_view("in"),     std::string_view("delete"), std::string_view("void"),
    std::string_view("throw"),  std::string_view("new"),    std::string_view("instanceof"),
    std::string_view("else"),   std::string_view("do")};

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_of_name(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         letter == '_' || letter == '$' || letter == '\\' ||
         static_cast<unsigned char>(letter) >= 0x80;
}

class TokenReader {
 public:
  explicit TokenReader(std::string_view source) : source_(source) {}

  std::vector<Token> all() {
    while (skip_to_word(), at_ < source_.size()) {
      if (source_[at_] == '`') {
        add(Token::Kind::sign, 1);
        break;
      }
      add_word();
    }
    add(Token::Kind::end, 0);
    return std::move(tokens_);
  }

 private:
  char at(std::size_t place) const { return place < source_.size() ? source_[place] : '\0'; }

  void skip_to_word() {
    while (at_ < source_.size()) {
      const char letter = source_[at_];
      if (letter == '\n' || letter == '\r') {
        line_ += letter == '\n' || at(at_ + 1) != '\n' ? 1 : 0;
        new_line_ = true;
        ++at_;
      } else if (letter == ' ' || letter == '\t' || letter == '\v' || letter == '\f') {
        ++at_;
      } else if (source_.substr(at_).starts_with("\xEF\xBB\xBF")) {
        at_ += 3;
      } else if (letter == '/' && at(at_ + 1) == '/') {
        at_ = std::min(source_.find_first_of("\r\n", at_), source_.size());
      } else if (letter == '/' && at(at_ + 1) == '*') {
        const std::size_t end = source_.find("*/", at_ + 2);
        advance(end == std::string_view::npos ? source_.size() : end + 2);
      } else {
        return;
      }
    }
  }

  void add_word() {
    const char letter = source_[at_];
    if (is_digit(letter) || (letter == '.' && is_digit(at(at_ + 1)))) {
      add(Token::Kind::number, size_of_number());
    } else if (is_of_name(letter)) {
      add(Token::Kind::name, size_of_name());
    } else if (letter == '"' || letter == '\'') {
      add(Token::Kind::text, size_of_text(letter));
    } else if (letter == '/' && pattern_may_come()) {
      add(Token::Kind::pattern, size_of_pattern());
    } else {
      add(Token::Kind::sign, size_of_sign());
    }
  }

  std::size_t size_of_number() const {
    const bool hex = source_[at_] == '0' && (at(at_ + 1) == 'x' || at(at_ + 1) == 'X');
    std::size_t end = at_;
    while (is_of_name(at(end)) || at(end) == '.' ||
           ((at(end) == '+' || at(end) == '-') && !hex && end > at_ &&
            (source_[end - 1] == 'e' || source_[end - 1] == 'E'))) {
      ++end;
    }
    return end - at_;
  }
  std::size_t size_of_name() const {
    std::size_t end = at_;
    while (is_of_name(at(end))) ++end;
    return end - at_;
  }
  std::size_t size_of_text(char quote) const {
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote && source_[end] != '\n') {
      end += source_[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, source_.size()) - at_;
  }
  std::size_t size_of_pattern() const {
    std::size_t end = at_ + 1;
    bool in_class = false;
    while (end < source_.size() && source_[end] != '\n' && (in_class || source_[end] != '/')) {
      in_class = source_[end] == '[' || (in_class && source_[end] != ']');
      end += source_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end + 1, source_.size());
    while (is_of_name(at(end))) ++end;
    return end - at_;
  }
  std::size_t size_of_sign() const {
    const std::string_view rest = source_.substr(at_);
    for (const std::string_view sign : signs) {
      const bool number_follows = sign == "?." && is_digit(at(at_ + 2));
      if (rest.starts_with(sign) && !number_follows) return sign.size();
    }
    return 1;
  }

  /// Whether a / begins a pattern: after a value it divides.
  bool pattern_may_come() const {
    if (tokens_.empty()) return true;
    const Token& last = tokens_.back();
    if (last.kind == Token::Kind::name) {
      return std::ranges::find(before_a_value, last.text) != before_a_value.end();
    }
    return last.kind == Token::Kind::sign && last.text != ")" && last.text != "]" &&
           last.text != "}" && last.text != "++" && last.text != "--";
  }

  void add(Token::Kind kind, std::size_t size) {
    tokens_.push_back({kind, source_.substr(at_, size), line_, new_line_});
    new_line_ = false;
    advance(at_ + size);
  }
  void advance(std::size_t end) {
    const auto lines =
        static_cast<std::size_t>(std::ranges::count(source_.substr(at_, end - at_), '\n'));
    line_ += lines;
    new_line_ = new_line_ || lines > 0;
    at_ = end;
  }

  const std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool new_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) { return TokenReader(source).all(); }

}  // namespace xgate::script
