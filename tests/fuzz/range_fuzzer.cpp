// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "service/download/range.hpp"

using namespace xgate::download;

namespace {

void check(std::string_view header, std::int64_t size) {
  const auto extent = resolve_range(header, size);
  switch (extent.part) {
    case Part::whole:
      REQUIRE(extent.first == 0 && extent.length == size);
      break;
    case Part::range:
      REQUIRE(extent.first >= 0 && extent.length > 0 && extent.first <= size - extent.length);
      break;
    case Part::unsatisfiable:
      REQUIRE(!header.empty());
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{1000}, INT64_MAX}) {
    check(text, length);
    check("bytes=" + std::string(text), length);
  }
  if_range_holds(text, "\"abc\"", 784111777);
  for (const Preconditions& wanted :
       {Preconditions{.if_match = text}, Preconditions{.if_unmodified_since = text},
        Preconditions{.if_none_match = text}, Preconditions{.if_modified_since = text}}) {
    check_preconditions(wanted, "\"abc\"", 784111777);
  }
  for (const std::string& target : {std::string(text), "/ota" + std::string(text)}) {
    const auto id = down_id_of(target, "");
    REQUIRE(!id || (!id->empty() && id->size() <= 64));
  }
  down_id_of("/ota/x", text);
  return 0;
}
