// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mqtt/decoder.hpp"
#include "require.hpp"

using xgate::mqtt::Decoder;
using xgate::mqtt::Version;

namespace {

/// How many packets come out, and whether the stream ended in an error.
std::size_t drain(Decoder& decoder, bool& failed) {
  std::size_t count = 0;
  while (!failed) {
    const auto next = decoder.next();
    failed = !next.has_value();
    if (failed || !*next) break;
    ++count;
  }
  return count;
}

}  // namespace

/// What a broker sends, all at once and byte by byte: both must see the same packets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Version version = (data[0] & 1) != 0 ? Version::v5 : Version::v311;
  const std::uint32_t limit = (data[0] & 2) != 0 ? 64 : 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);

  Decoder whole(version, limit);
  whole.feed(stream);
  bool whole_failed = false;
  const std::size_t expected = drain(whole, whole_failed);

  Decoder pieces(version, limit);
  bool pieces_failed = false;
  std::size_t count = 0;
  for (std::size_t i = 0; i < stream.size() && !pieces_failed; ++i) {
    pieces.feed(stream.substr(i, 1));
    count += drain(pieces, pieces_failed);
  }
  REQUIRE(count == expected);
  REQUIRE(whole_failed == pieces_failed);
  return 0;
}
