// SPDX-License-Identifier: Apache-2.0
#include "pg/conninfo.hpp"

#include <memory>
#include <string_view>

#include <libpq-fe.h>

namespace xgate::pg {

tl::expected<bool, std::string> has_password(const std::string& conninfo) {
  // libpq's own message would quote the text, and with it perhaps the password.
  char* ignored = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &ignored), &PQconninfoFree);
  PQfreemem(ignored);
  if (!options) {
    return tl::unexpected(std::string(
        R"(is no connection string ("host=… dbname=… user=…") or URI ("postgresql://…"))"));
  }
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) == "password" && option->val != nullptr) return true;
  }
  return false;
}

}  // namespace xgate::pg
