// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "protocol/base64.hpp"
#include "protocol/identity.hpp"
#include "service/api/answer.hpp"
#include "service/api/handlers.hpp"
#include "service/api/input.hpp"
#include "service/api/permission.hpp"
#include "service/api/record_filter.hpp"
#include "service/store/columns.hpp"
#include "service/store/message_log.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

/// Whether a device confirms an upgrade in it, or names its DownID elsewhere.
bool tells_down_id(const store::LoggedMessage& message) {
  constexpr std::string_view member = "DownID";
  return message.topic.ends_with("/ota_notify_ack") ||
         message.raw.find(member) != std::string::npos ||
         message.payload.value_or("").find(member) != std::string::npos;
}

Json record_json(store::LoggedMessage message, store::Role role) {
  if (!sees_down_ids(role) && tells_down_id(message)) {
    message.payload.reset();
    message.raw.clear();
  }
  const bool text = store::is_storable(message.raw);
  return {{"sequence", message.sequence},
          {"received_at", message.received_at},
          {"device", protocol::device_name(message.product_id, message.node_eui)},
          {"topic", message.topic},
          {"message_id", stored_json(message.message_id)},
          {"header_ctrl", or_null(message.header_ctrl)},
          {"payload", stored_json(message.payload)},
          {"payload_text", or_null(message.payload)},
          {"encrypted", message.encrypted},
          {"raw", text ? message.raw : protocol::to_base64(message.raw)},
          {"raw_encoding", text ? "utf-8" : "base64"},
          {"redelivered", message.redelivered},
          {"code", or_null(message.code)},
          {"requirement", or_null(message.requirement)},
          {"reason", or_null(message.reason)},
          {"note", or_null(message.note)},
          {"warning", message.warning},
          {"explanation", or_null(message.explanation)},
          {"key_reading", or_null(message.key_reading)}};
}

Json record_json(const store::LoggedRefusal& logged, store::Role /*role*/) {
  const store::Refusal& refusal = logged.refusal;
  return {{"sequence", logged.sequence},
          {"refused_at", logged.refused_at},
          {"what", refusal.what},
          {"broker", refusal.broker},
          {"product_id", or_null(refusal.product_id)},
          {"node_eui", or_null(refusal.node_eui)},
          {"client_id", refusal.client_id},
          {"username", refusal.username},
          {"address", refusal.address},
          {"topic", or_null(refusal.topic)},
          {"requirement", refusal.requirement},
          {"reason", refusal.reason},
          {"explanation", or_null(refusal.explanation)}};
}

/// Where to read on. A cursor pages on in the direction it came from, and says more than an `after`
/// that a client keeps beside it.
struct Window {
  std::optional<store::Position> after;  ///< following
  store::Backwards backwards;            ///< else
  store::Position present;               ///< where a follower of this list begins
};

Problem no_cursor() { return bad_request("cursor must be a next_cursor of this list"); }

Problem gone(const store::Position& earliest) {
  auto problem = no_longer_kept(
      "what comes after this position is not all kept any more: \"position\" is the earliest one");
  problem.position = store::to_text(earliest);
  return problem;
}

Result<store::Position> position_of(pg::Connection& database, std::string_view text) {
  if (text == "earliest") {
    auto earliest = store::earliest_position(database);
    if (!earliest) return tl::unexpected(from_database(earliest.error()));
    return std::move(*earliest);
  }
  auto position = store::position_from(text);
  if (!position) {
    return tl::unexpected(bad_request("after must be the position of a page, or \"earliest\""));
  }
  const auto kept = store::is_kept(database, *position);
  if (!kept) return tl::unexpected(from_database(kept.error()));
  if (*kept) return std::move(*position);
  const auto earliest = store::earliest_position(database);
  if (!earliest) return tl::unexpected(from_database(earliest.error()));
  return tl::unexpected(gone(*earliest));
}

/// Cursors are ">POSITION" of those who follow, else "<SEQUENCE;POSITION": what that position sees.
Result<Window> window_of(pg::Connection& database, const ListQuery& query) {
  Window window;
  window.backwards.limit = query.limit;
  const std::string_view cursor = query.cursor;
  if (cursor.starts_with('>') || (cursor.empty() && query.after)) {
    auto after = position_of(database, cursor.empty() ? *query.after : cursor.substr(1));
    if (!after) return tl::unexpected(after.error());
    window.after = std::move(*after);
    return window;
  }
  if (cursor.empty()) {
    auto present = store::present_position(database);
    if (!present) return tl::unexpected(from_database(present.error()));
    window.present = std::move(*present);
  } else {
    const auto middle = cursor.find(';');
    if (!cursor.starts_with('<') || middle == std::string_view::npos) {
      return tl::unexpected(no_cursor());
    }
    window.backwards.before = number_from<std::int64_t>(cursor.substr(1, middle - 1));
    auto present = store::position_from(cursor.substr(middle + 1));
    if (!window.backwards.before || !present || !present->seen) return tl::unexpected(no_cursor());
    window.present = std::move(*present);
  }
  window.backwards.seen = *window.present.seen;
  return window;
}

template <class Row>
Response page(const std::vector<Row>& rows, const std::string& cursor,
              const store::Position& position, store::Role role) {
  Json items = Json::array();
  for (const Row& row : rows) items.push_back(record_json(row, role));
  return json_response({{"items", std::move(items)},
                        {"next_cursor", cursor.empty() ? Json() : Json(to_cursor(cursor))},
                        {"position", store::to_text(position)}});
}
template <class Row>
Response page(const store::Reading<Row>& reading, store::Role role) {
  return page(reading.rows, reading.more ? ">" + store::to_text(reading.position) : "",
              reading.position, role);
}
template <class Row>
Response page(const store::Older<Row>& older, const store::Position& present, store::Role role) {
  return page(older.rows,
              older.more ? "<" + std::to_string(older.before) + ";" + store::to_text(present) : "",
              present, role);
}

/// The messages of what is deleted can still be read; a name that nobody ever had is a mistake.
Result<void> check_known(pg::Connection& database, const store::RecordFilter& filter) {
  if (!filter.product_id) return {};
  auto known = store::has_messages(
      database,
      {.product_id = filter.product_id, .node_eui = filter.node_eui, .scope = filter.scope});
  if (known && !*known && filter.node_eui) {
    const auto device = store::find_device(database, *filter.product_id, *filter.node_eui);
    if (!device) return tl::unexpected(from_database(device.error()));
    *known = device->has_value();
  } else if (known && !*known) {
    const auto product = store::find_product(database, *filter.product_id);
    if (!product) return tl::unexpected(from_database(product.error()));
    *known = product->has_value();
  }
  if (!known) return tl::unexpected(from_database(known.error()));
  if (*known) return {};
  return tl::unexpected(filter.node_eui
                            ? not_found("there is no device " +
                                        protocol::device_name(*filter.product_id, *filter.node_eui))
                            : no_product(*filter.product_id));
}

/// The page that the query asks for.
template <class Row>
Result<Response> page_of(pg::Connection& database, const ListQuery& query,
                         const store::RecordFilter& filter, store::Role role) {
  const auto window = window_of(database, query);
  if (!window) return tl::unexpected(window.error());
  if (window->after) {
    const auto reading = store::read_newer<Row>(database, filter, *window->after, query.limit);
    if (!reading) return tl::unexpected(from_database(reading.error()));
    return page(*reading, role);
  }
  const auto older = store::read_older<Row>(database, filter, window->backwards);
  if (!older) return tl::unexpected(from_database(older.error()));
  // What was refused need not name anything that exists.
  constexpr bool of_what_exists = std::is_same_v<Row, store::LoggedMessage>;
  if (of_what_exists && older->rows.empty() && query.cursor.empty()) {
    if (auto known = check_known(database, filter); !known) return tl::unexpected(known.error());
  }
  return page(*older, window->present, role);
}

/// Of `filter`'s device, product, or all.
Result<Response> page_of_messages(Context& context, const Request& request,
                                  store::RecordFilter filter) {
  const auto query = parse_list_query(request, {"since", "until", "topic", "verdict"}, true);
  if (!query) return tl::unexpected(query.error());
  filter.scope = request.caller.scope;
  if (auto read = read_message_filter(request, filter); !read) return tl::unexpected(read.error());
  return page_of<store::LoggedMessage>(*context.database, *query, filter, request.caller.role);
}

}  // namespace

Result<Response> list_device_messages(Context& context, const Request& request) {
  auto device = device_of_path(request);
  if (!device) return tl::unexpected(std::move(device).error());
  return page_of_messages(
      context, request,
      {.product_id = std::move(device->product_id), .node_eui = std::move(device->node_eui)});
}

Result<Response> list_product_messages(Context& context, const Request& request) {
  return page_of_messages(context, request, {.product_id = request.parameters.at(0)});
}

Result<Response> list_messages(Context& context, const Request& request) {
  return page_of_messages(context, request, {});
}

Result<Response> list_refusals(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {"product_id", "node_eui", "since", "until"}, true);
  if (!query) return tl::unexpected(query.error());
  store::RecordFilter filter{.product_id = request.query_value("product_id"),
                             .node_eui = request.query_value("node_eui"),
                             .scope = request.caller.scope};
  if (auto read = read_times(request, filter); !read) return tl::unexpected(read.error());
  return page_of<store::LoggedRefusal>(*context.database, *query, filter, request.caller.role);
}

}  // namespace xgate::api
