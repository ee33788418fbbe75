// SPDX-License-Identifier: Apache-2.0
#include "service/api/audit.hpp"

#include "protocol/identity.hpp"
#include "service/api/handlers.hpp"
#include "service/api/input.hpp"
#include "service/api/record_filter.hpp"
#include "service/store/audit.hpp"

namespace xgate::api {
namespace {

std::optional<std::string> text_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void name_target(store::AuditEntry& entry, const Route& route, const Request& request) {
  if (request.parameters.empty()) return;
  const auto& name = request.parameters.front();
  if (route.of == Of::vendor && !entry.open_id) entry.open_id = name;
  if (entry.product_id) return;
  if (route.of == Of::product) entry.product_id = name;
  if (route.of != Of::device) return;
  const auto device = protocol::parse_device_name(name);
  if (!device) return;
  entry.product_id = std::string(device->product_id);
  entry.node_eui = std::string(device->node_eui);
}

Result<void> write_entry(Context& context, const Change& change, const Route& route,
                         const Request& request) {
  store::AuditEntry entry{.token_id = request.caller.token_id,
                          .token_name = request.caller.name,
                          .address = request.address,
                          .operation = std::string(route.operation),
                          .open_id = change.open_id,
                          .product_id = change.product_id,
                          .node_eui = change.node_eui,
                          .before = change.before,
                          .after = change.after,
                          .revealed = change.revealed};
  name_target(entry, route, request);
  const auto written = store::insert_audit(*context.database, entry);
  if (!written) return tl::unexpected(from_database(written.error()));
  return {};
}

Json audit_json(const store::AuditRecord& record) {
  const auto& entry = record.entry;
  return {{"audit_id", record.audit_id},
          {"at", record.at},
          {"token_id", entry.token_id},
          {"token_name", entry.token_name},
          {"address", entry.address},
          {"operation", entry.operation},
          {"open_id", or_null(entry.open_id)},
          {"product_id", or_null(entry.product_id)},
          {"node_eui", or_null(entry.node_eui)},
          {"before", stored_json(entry.before)},
          {"after", stored_json(entry.after)},
          {"revealed", entry.revealed}};
}

Result<store::AuditFilter> read_filter(const Request& request, const ListQuery& query) {
  store::AuditFilter filter{.scope = request.caller.scope};
  filter.open_id = request.query_value("open_id");
  filter.product_id = request.query_value("product_id");
  filter.node_eui = request.query_value("node_eui");
  filter.operation = request.query_value("operation");
  if (const auto token = request.query_value("token_id")) {
    filter.token_id = number_of(*token);
    if (!filter.token_id) {
      return tl::unexpected(bad_request("token_id must be a token's number"));
    }
  }
  store::RecordFilter times;
  if (auto read = read_times(request, times); !read) return tl::unexpected(read.error());
  filter.since_ms = times.since_ms;
  filter.until_ms = times.until_ms;
  filter.limit = query.limit + 1;
  if (!query.cursor.empty()) {
    filter.before_id = number_of(query.cursor);
    if (!filter.before_id) {
      return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
    }
  }
  return filter;
}

}  // namespace

void note_change(Change& change, const Json& before, const Json& after) {
  change.before = text_of(before);
  change.after = text_of(after);
}

void note_change(Context& context, const Json& before, const Json& after) {
  note_change(context.change, before, after);
}

Result<void> write_audit(Context& context, const Route& route, const Request& request) {
  if (context.changes.empty()) return write_entry(context, context.change, route, request);
  for (const auto& change : context.changes) {
    if (auto written = write_entry(context, change, route, request); !written) return written;
  }
  return {};
}

Result<Response> list_audit(Context& context, const Request& request) {
  const auto query = parse_list_query(
      request, {"open_id", "product_id", "node_eui", "token_id", "operation", "since", "until"});
  if (!query) return tl::unexpected(query.error());
  const auto filter = read_filter(request, *query);
  if (!filter) return tl::unexpected(filter.error());
  const auto records = store::list_audit(*context.database, *filter);
  if (!records) return tl::unexpected(from_database(records.error()));
  return list_response(*records, query->limit, audit_json, [](const store::AuditRecord& record) {
    return std::to_string(record.audit_id);
  });
}

}  // namespace xgate::api
