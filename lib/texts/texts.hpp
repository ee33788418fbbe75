// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// What xgate says to people, in English and in Chinese. Sentences are made and stored in English,
// so that what is stored can be read by whoever comes later in whatever language; the table below
// says each of them in Chinese when it is shown. Thread-safe.
namespace xgate::texts {

/// One sentence, or half of one that others are made of. {0} to {9} stand for what it is about; a
/// value that is itself a text of the table is translated with it.
struct Text {
  std::string_view en;
  std::string_view zh;
};

/// The one table: every text once, in the folder table/ by who says it.
std::span<const Text> all();

/// The text in Chinese; as it is where the table does not know it.
std::string in_chinese(std::string_view english);

enum class Language { en, zh };

/// What a person reads in, by the locale's LC_ALL, LC_MESSAGES, LANG, in this order: the first that
/// is not empty counts. Chinese where it begins with "zh".
Language language_of_locale(std::string_view lc_all, std::string_view lc_messages,
                            std::string_view lang) noexcept;

/// Of a header Accept-Language (RFC 9110 §12.5.4): the one of the two with the greater weight.
Language language_of_header(std::string_view accept_language) noexcept;

inline std::string in(Language language, std::string_view english) {
  return language == Language::zh ? in_chinese(english) : std::string(english);
}

}  // namespace xgate::texts
