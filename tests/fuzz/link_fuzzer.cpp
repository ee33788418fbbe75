// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "link/control.hpp"
#include "link/events.hpp"
#include "require.hpp"

using namespace xgate::link;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto batch = decode_events(text)) {
    const auto encoded = encode(*batch);
    const auto again = decode_events(encoded);
    REQUIRE(again && encode(*again) == encoded);
  }
  if (const auto command = decode_command(text)) {
    const auto encoded = encode(*command);
    const auto again = decode_command(encoded);
    REQUIRE(again && encode(*again) == encoded);
  }
  return 0;
}
