// SPDX-License-Identifier: Apache-2.0
#include "texts/texts.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace xgate::texts {
namespace {

std::multiset<char> places_of(std::string_view text) {
  std::multiset<char> places;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    if (text[at] == '{' && text[at + 2] == '}') places.insert(text[at + 1]);
  }
  return places;
}

/// The text with a value in each place: "<0>", "<1>".
std::string sample_of(std::string_view text) {
  std::string sample(text);
  for (char digit = '0'; digit <= '9'; ++digit) {
    const std::string place{'{', digit, '}'};
    for (std::size_t at = sample.find(place); at != std::string::npos; at = sample.find(place)) {
      sample.replace(at, 3, std::string{'<', digit, '>'});
    }
  }
  return sample;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xE4; });
}

TEST(Texts, every_one_says_the_same_in_both_languages_about_the_same_values) {
  for (const Text& text : all()) {
    EXPECT_EQ(places_of(text.en), places_of(text.zh)) << text.en;
    EXPECT_TRUE(has_chinese(text.zh)) << text.en;
    EXPECT_FALSE(has_chinese(text.en)) << text.en;
  }
}

TEST(Texts, every_english_text_is_there_once_and_finds_its_own_chinese) {
  std::set<std::string_view> seen;
  for (const Text& text : all()) {
    EXPECT_TRUE(seen.insert(text.en).second) << text.en;
    EXPECT_EQ(in_chinese(sample_of(text.en)), sample_of(text.zh)) << text.en;
  }
}

TEST(Texts, every_text_has_words_of_its_own_to_be_known_by) {
  for (const Text& text : all()) {
    std::string words = sample_of(text.en);
    std::erase_if(words, [](unsigned char c) { return std::isalpha(c) == 0; });
    EXPECT_GE(words.size(), 3U) << text.en;
  }
}

TEST(Texts, what_the_table_does_not_know_stays_as_it_is) {
  EXPECT_EQ(in_chinese("v2.1.4 is what somebody wrote"), "v2.1.4 is what somebody wrote");
  EXPECT_EQ(in_chinese(""), "");
}

TEST(Texts, what_a_script_printed_takes_no_longer_for_its_many_commas) {
  std::string printed = "console: [0";
  for (int i = 1; i < 700; ++i) printed += ", " + std::to_string(i);
  EXPECT_EQ(in_chinese(printed), printed);
  printed.resize(500);
  EXPECT_EQ(in_chinese(printed), printed);
}

TEST(Language, is_the_locales_first_word_that_is_set) {
  EXPECT_EQ(language_of_locale("", "", "zh_CN.UTF-8"), Language::zh);
  EXPECT_EQ(language_of_locale("C", "", "zh_CN.UTF-8"), Language::en);
  EXPECT_EQ(language_of_locale("", "zh_TW", "en_GB"), Language::zh);
  EXPECT_EQ(language_of_locale("", "", ""), Language::en);
  EXPECT_EQ(language_of_locale("", "", "zha_CN"), Language::en);
}

TEST(Language, is_the_one_that_the_header_prefers) {
  EXPECT_EQ(language_of_header("zh-CN,zh;q=0.9,en;q=0.8"), Language::zh);
  EXPECT_EQ(language_of_header("en-GB, zh;q=0.5"), Language::en);
  EXPECT_EQ(language_of_header("zh"), Language::zh);
  EXPECT_EQ(language_of_header("de, zh;q=0.3"), Language::zh);
  EXPECT_EQ(language_of_header("en, zh;q=0"), Language::en);
  EXPECT_EQ(language_of_header("*"), Language::en);
  EXPECT_EQ(language_of_header(""), Language::en);
  EXPECT_EQ(language_of_header(",;q=,zh;;q="), Language::en);
}

}  // namespace
}  // namespace xgate::texts
