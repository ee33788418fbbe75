// SPDX-License-Identifier: Apache-2.0
#include "service/api/suggestion.hpp"

#include "protocol/identity.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {

void suggest_id(pg::Connection& database, const Request& request, Problem& problem) {
  if (!request.caller.scope.is_platform()) return;  // the id meant may be somebody else's
  const std::string named = request.parameters.empty()
                                ? request.query_value("product_id").value_or("")
                                : request.parameters.front();
  const std::string id = named.substr(0, named.find('.'));
  if (problem.status != 404 || !protocol::is_product_id(id)) return;
  const bool is_vendor = request.path.starts_with("/api/v1/vendors/");
  const auto other = is_vendor ? store::vendor_in_another_case(database, id)
                               : store::product_in_another_case(database, id);
  if (!other || !*other) return;  // no hint then
  problem.detail += "; did you mean " + **other + named.substr(id.size()) + "?";
}

}  // namespace xgate::api
