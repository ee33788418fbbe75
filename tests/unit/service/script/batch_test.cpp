// SPDX-License-Identifier: Apache-2.0
#include "service/script/batch.hpp"

#include <gtest/gtest.h>

#include "service/script/cesu8.hpp"

namespace xgate::script {
namespace {

TEST(Batch, comes_back_as_it_was) {
  const Batch batch{.slot = 3,
                    .source = "function",
                    .calls = {{Call::Function::raw_data_to_protocol, std::string_view("\0\1", 2)},
                              {Call::Function::load, "", -7},
                              {Call::Function::protocol_to_raw_data, "{}"}}};
  const std::string bytes = encode(batch);
  const auto again = decode_batch(std::string_view(bytes).substr(4));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->slot, 3U);
  EXPECT_EQ(again->source, "function");
  ASSERT_EQ(again->calls.size(), 3U);
  EXPECT_EQ(again->calls[0].input, std::string_view("\0\1", 2));
  EXPECT_EQ(again->calls[1].at_ms, -7);
  EXPECT_EQ(again->calls[2].function, Call::Function::protocol_to_raw_data);
  for (std::size_t size = 4; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_batch(std::string_view(bytes).substr(4, size - 4)));
  }
}

TEST(AnswerReader, takes_answers_apart_wherever_they_are_cut) {
  std::string bytes;
  append(bytes, {.kind = Answer::Kind::ready, .text = {}});
  append(bytes,
         {.kind = Answer::Kind::result, .time_ns = 5'000'000'007, .memory_bytes = 9, .text = "{}"});
  append(bytes, {.kind = Answer::Kind::limit, .text = "too long", .printed = "a\n"});
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    AnswerReader reader;
    std::vector<Answer> answers;
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      reader.feed(std::string_view(bytes).substr(at, cut));
      while (auto answer = reader.next()) answers.push_back(*answer);
    }
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[1].time_ns, 5'000'000'007U);
    EXPECT_EQ(answers[1].memory_bytes, 9U);
    EXPECT_EQ(answers[1].text, "{}");
    EXPECT_EQ(answers[2].kind, Answer::Kind::limit);
    EXPECT_EQ(answers[2].printed, "a\n");
    EXPECT_FALSE(reader.broken());
  }
}

TEST(AnswerReader, is_broken_by_what_no_process_of_ours_writes) {
  AnswerReader size;
  size.feed(std::string("\xFF\xFF\xFF\x7F", 4) + std::string(17, '\0'));
  EXPECT_FALSE(size.next());
  EXPECT_TRUE(size.broken());
  AnswerReader printed;
  printed.feed(std::string("\0\0\0\0\xFF\xFF\0\0", 8) + std::string(13, '\0'));
  EXPECT_FALSE(printed.next());
  EXPECT_TRUE(printed.broken());
  AnswerReader kind;
  kind.feed(std::string(8, '\0') + "\x09" + std::string(12, '\0'));
  EXPECT_FALSE(kind.next());
  EXPECT_TRUE(kind.broken());
}

TEST(Cesu8, goes_there_and_back) {
  const std::string text = "a\xC3\xA4\xE6\xB8\xA9\xF0\x9F\x98\x80";
  EXPECT_EQ(to_cesu8(text), "a\xC3\xA4\xE6\xB8\xA9\xED\xA0\xBD\xED\xB8\x80");
  EXPECT_EQ(from_cesu8(to_cesu8(text)), text);
  EXPECT_EQ(from_cesu8("\xED\xB8\x80|\xED\xA0\xBD|\xFF|\xC3"),
            "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD");
}

TEST(CleanSentence, is_one_line_of_bounded_length) {
  EXPECT_EQ(clean_sentence("a\nb\x1B[2J\x7F"), "a b [2J ");
  EXPECT_LE(clean_sentence(std::string(100'000, '\xFF')).size(), 3 * max_error + 3);
}

}  // namespace
}  // namespace xgate::script
