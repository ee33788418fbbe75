// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/json.hpp"
#include "protocol/thing_model.hpp"
#include "require.hpp"

using namespace xgate::protocol;

/// What an application uploads as a product's model (TSL).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = parse_json(text, model_limits);
  if (!document) return 0;
  const auto model = ThingModel::compile(*document);
  if (!model) {
    REQUIRE(!model.error().empty() && model.error().size() <= 50);
    for (const auto& problem : model.error()) {
      REQUIRE(!problem.detail.empty());
      REQUIRE(problem.pointer.empty() || problem.pointer.front() == '/');
    }
    return 0;
  }
  REQUIRE(model->breaks(*model).empty());
  const auto empty = ThingModel::compile({{"properties", nlohmann::json::array()}});
  static_cast<void>(model->breaks(*empty));
  static_cast<void>(empty->breaks(*model));
  return 0;
}
