// SPDX-License-Identifier: Apache-2.0
#include "service/api/answer.hpp"
#include "service/api/handlers.hpp"

namespace xgate::api {

Result<Response> live(Context& /*context*/, const Request& /*request*/) {
  return json_response({{"live", true}});
}

Result<Response> ready(Context& context, const Request& /*request*/) {
  std::vector<Component> components;
  if (context.actions.components) components = context.actions.components();
  // Known, not asked: a database that hangs must not hang those who ask how it is.
  components.insert(components.begin(),
                    Component{"database", context.database_away.empty(), context.database_away});
  bool all = true;
  Json parts = Json::array();
  for (const auto& component : components) {
    all = all && component.ready;
    parts.push_back(
        {{"name", component.name}, {"ready", component.ready}, {"detail", component.detail}});
  }
  return json_response({{"ready", all}, {"components", std::move(parts)}}, all ? 200 : 503);
}

Result<Response> metrics(Context& context, const Request& /*request*/) {
  if (context.actions.measure) context.actions.measure();
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = context.metrics.text();
  return response;
}

}  // namespace xgate::api
