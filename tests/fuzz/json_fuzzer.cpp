// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/json.hpp"
#include "protocol/plain_json.hpp"
#include "require.hpp"

using namespace xgate::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // The quick reader takes nothing that the library does not, and nothing differently.
  if (const auto plain = read_plain_json(bytes, {})) {
    const auto expected = nlohmann::json::parse(bytes, nullptr, false);
    REQUIRE(*plain == expected && plain->dump() == expected.dump());
  }
  const auto value = parse_json(bytes);
  if (!value) {
    REQUIRE(!value.error().empty());
    return 0;
  }
  REQUIRE(compact(*value) == value->dump());
  // What was accepted is written and read again without a difference.
  const auto text = compact(*value);
  const auto again = parse_json(text, {.max_bytes = text.size()});
  REQUIRE(again && *again == *value && compact(*again) == text);
  return 0;
}
