// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "service/script/batch.hpp"
#include "service/script/cesu8.hpp"

using namespace xgate::script;

namespace {

bool is_utf8(std::string_view text) { return from_cesu8(text) == text; }

}  // namespace

/// What a script process that was taken over could write: the first byte says in which pieces it
/// comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = 1 + data[0];
  AnswerReader reader;
  std::string again;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    while (const auto answer = reader.next()) {
      REQUIRE(answer->text.size() <= max_output);
      const std::string sentence = clean_sentence(answer->text);
      REQUIRE(is_utf8(sentence) && sentence.size() <= 3 * max_error + 3);
      for (const char letter : sentence) REQUIRE(static_cast<unsigned char>(letter) >= 0x20);
      append(again, *answer);
    }
  }
  // What was taken is what was there.
  REQUIRE(bytes.starts_with(again));
  // The other direction: a process reads what the service wrote, and nothing else.
  if (const auto batch = decode_batch(bytes)) {
    REQUIRE(std::string_view(encode(*batch)).substr(4).size() <= bytes.size());
  }
  return 0;
}
