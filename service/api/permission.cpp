// SPDX-License-Identifier: Apache-2.0
#include "service/api/permission.hpp"

#include <optional>

#include "protocol/identity.hpp"
#include "service/api/input.hpp"

namespace xgate::api {
namespace {

store::Role role_for(Access access) {
  switch (access) {
    case Access::admin:
      return store::Role::admin;
    case Access::operate:
      return store::Role::operate;
    case Access::read:
    case Access::open:
      break;
  }
  return store::Role::read;
}

std::string role_name(store::Role role) { return std::string(store::to_string(role)); }

/// What a path's number may name.
struct Numbered {
  store::Owned owned;
  std::string_view words;
};
std::optional<Numbered> numbered(Of of) {
  switch (of) {
    case Of::command:
      return Numbered{store::Owned::command, "command"};
    case Of::image:
      return Numbered{store::Owned::firmware_image, "firmware image"};
    case Of::job:
      return Numbered{store::Owned::upgrade_job, "upgrade job"};
    default:
      return std::nullopt;
  }
}

tl::unexpected<Problem> absent(std::string_view what, const std::string& name) {
  return tl::make_unexpected(not_found("there is no " + std::string(what) + " " + name));
}

Result<void> check_covered(pg::Connection& database, const store::Scope& scope, store::Owned what,
                           const std::string& id, const Problem& otherwise) {
  const auto covered = store::covers(database, scope, what, id);
  if (!covered) return tl::unexpected(from_database(covered.error()));
  if (!*covered) return tl::unexpected(otherwise);
  return {};
}

Result<void> check_device(pg::Connection& database, const Request& request) {
  const auto device = device_of_path(request);
  if (!device) return tl::unexpected(device.error());
  return check_covered(database, request.caller.scope, store::Owned::product, device->product_id,
                       not_found("there is no device " + request.parameters.at(0)));
}

}  // namespace

std::string words_of(const store::Scope& scope) {
  return scope.open_id ? "vendor " + *scope.open_id : "product " + scope.product_id.value_or("");
}

Result<void> check_role(const Route& route, const store::TokenGrant& caller) {
  if (route.access == Access::open) return {};
  if (const auto needed = role_for(route.access); caller.role < needed) {
    return tl::unexpected(forbidden("this needs a token of role " + role_name(needed) +
                                    ", and this one is of role " + role_name(caller.role)));
  }
  if (route.of == Of::platform && !caller.scope.is_platform()) {
    return tl::unexpected(
        forbidden("this needs a token for the whole platform, and this one is for " +
                  words_of(caller.scope)));
  }
  return {};
}

Result<bool> reveals(Context& context, const Request& request) {
  const auto reveal = request.query_value("reveal").value_or("false");
  if (reveal != "true" && reveal != "false") {
    return tl::unexpected(bad_request("reveal must be true or false"));
  }
  if (reveal == "false") return false;
  if (request.caller.role == store::Role::admin) {
    context.change.revealed = true;
    return true;
  }
  return tl::unexpected(
      forbidden("secrets are shown to a token of role admin, and this one is of role " +
                role_name(request.caller.role)));
}

Result<bool> only_reveals(Context& context, const Request& request) {
  if (auto known = check_query(request, {"reveal"}); !known) return tl::unexpected(known.error());
  return reveals(context, request);
}

Result<void> check_product(pg::Connection& database, const Request& request,
                           const std::string& product_id) {
  if (request.caller.scope.is_platform()) return {};
  return check_covered(database, request.caller.scope, store::Owned::product, product_id,
                       no_product(product_id));
}

Result<void> check_scope(pg::Connection& database, const Route& route, const Request& request) {
  const auto& scope = request.caller.scope;
  if (scope.is_platform() || request.parameters.empty()) return {};
  const auto& name = request.parameters.front();
  if (route.of == Of::product) return check_product(database, request, name);
  if (route.of == Of::device) return check_device(database, request);
  if (route.of == Of::vendor && scope.open_id != name) return absent("vendor", name);
  const auto kind = numbered(route.of);
  if (!kind) return {};
  if (!number_of(name)) return absent(kind->words, name);
  return check_covered(database, scope, kind->owned, name,
                       not_found("there is no " + std::string(kind->words) + " " + name));
}

}  // namespace xgate::api
