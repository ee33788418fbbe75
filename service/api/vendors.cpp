// SPDX-License-Identifier: Apache-2.0
#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/api/permission.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

Json vendor_json(const store::VendorRecord& vendor) {
  return {{"open_id", vendor.open_id},
          {"name", vendor.name},
          {"enabled", vendor.enabled},
          {"created_at", vendor.created_at}};
}

void read_members(Input& input, store::VendorRecord& vendor) {
  input.text("name", vendor.name, is_name, "must be a text of 1 to 200 bytes");
  input.boolean("enabled", vendor.enabled);
}

Problem no_vendor(const std::string& open_id) { return not_found("there is no vendor " + open_id); }

}  // namespace

Result<Response> create_vendor(Context& context, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  store::VendorRecord vendor;
  input->text("open_id", vendor.open_id, protocol::is_open_id, "must be 8 hex digits (ID-1)");
  read_members(*input, vendor);
  input->require({"name"});
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  const bool given = !vendor.open_id.empty();
  for (int i = 0;; ++i) {
    if (!given) vendor.open_id = protocol::new_hex_id();
    auto stored = store::insert_vendor(*context.database, vendor);
    if (stored) {
      context.change.open_id = stored->open_id;
      note_change(context, nullptr, vendor_json(*stored));
      auto response = json_response(vendor_json(*stored), 201);
      response.headers.emplace_back("Location", "/api/v1/vendors/" + stored->open_id);
      return response;
    }
    if (!stored.error().is_unique_violation()) return tl::unexpected(from_database(stored.error()));
    if (given) {
      const auto other = store::vendor_in_another_case(*context.database, vendor.open_id);
      if (!other) return tl::unexpected(from_database(other.error()));
      if (*other) {
        return tl::unexpected(conflict("there is a vendor " + **other + " already, and " +
                                       vendor.open_id + " differs from it only in case"));
      }
      return tl::unexpected(conflict("there is a vendor " + vendor.open_id + " already"));
    }
    if (i >= id_tries) return tl::unexpected(unavailable("no free OpenID was found: try again"));
  }
}

Result<Response> list_vendors(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {});
  if (!query) return tl::unexpected(query.error());
  const auto vendors = store::list_vendors(*context.database, request.caller.scope,
                                           {query->cursor, query->limit + 1});
  if (!vendors) return tl::unexpected(from_database(vendors.error()));
  return list_response(*vendors, query->limit, vendor_json,
                       [](const store::VendorRecord& vendor) { return vendor.open_id; });
}

Result<Response> get_vendor(Context& context, const Request& request) {
  const auto& open_id = request.parameters.at(0);
  const auto vendor = store::find_vendor(*context.database, open_id);
  if (!vendor) return tl::unexpected(from_database(vendor.error()));
  if (!*vendor) return tl::unexpected(no_vendor(open_id));
  return json_response(vendor_json(**vendor));
}

Result<Response> change_vendor(Context& context, const Request& request) {
  const auto& open_id = request.parameters.at(0);
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  auto vendor = store::find_vendor(*context.database, open_id);
  if (!vendor) return tl::unexpected(from_database(vendor.error()));
  if (!*vendor) return tl::unexpected(no_vendor(open_id));
  const auto before = **vendor;
  read_members(*input, **vendor);
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (const auto& scope = request.caller.scope;
      !scope.is_platform() && before.enabled != (*vendor)->enabled) {
    return tl::unexpected(
        forbidden("this token is for " + words_of(scope) +
                  ": whether that is enabled is set with one for the whole platform"));
  }
  const auto changed = store::update_vendor(*context.database, **vendor);
  if (!changed) return tl::unexpected(from_database(changed.error()));
  if (!*changed) return tl::unexpected(no_vendor(open_id));
  note_change(context, vendor_json(before), vendor_json(**changed));
  return json_response(vendor_json(**changed));
}

}  // namespace xgate::api
