// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/json.hpp"
#include "require.hpp"

using namespace xgate::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(bytes);
  if (!value) {
    REQUIRE(!value.error().empty());
    return 0;
  }
  // Two libraries read; they agree on what is JSON, and what it says.
  REQUIRE(nlohmann::json::parse(bytes, nullptr, false) == *value);
  // What was accepted is written and read again without a difference.
  const auto text = compact(*value);
  const auto again = parse_json(text, {.max_bytes = text.size()});
  REQUIRE(again && *again == *value && compact(*again) == text);
  return 0;
}
