// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "protocol/identity.hpp"
#include "service/api/answer.hpp"
#include "service/api/base64.hpp"
#include "service/api/handlers.hpp"
#include "service/store/columns.hpp"
#include "service/store/message_log.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

Json record_json(const store::LoggedMessage& message) {
  const bool text = store::is_storable(message.raw);
  return {{"sequence", message.sequence},
          {"received_at", message.received_at},
          {"topic", message.topic},
          {"message_id", stored_json(message.message_id)},
          {"header_ctrl", or_null(message.header_ctrl)},
          {"payload", stored_json(message.payload)},
          {"encrypted", message.encrypted},
          {"raw", text ? message.raw : to_base64(message.raw)},
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

Json record_json(const store::LoggedRefusal& logged) {
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
Result<store::Window> window_of(const ListQuery& query) {
  store::Window window;
  window.limit = query.limit + 1;  // tells whether there is a next page
  window.follow = query.after.has_value();
  window.sequence = query.after;
  if (query.cursor.empty()) return window;
  window.follow = query.cursor.front() == '>';
  std::int64_t sequence = 0;
  const auto* end = query.cursor.data() + query.cursor.size();
  const auto read = std::from_chars(query.cursor.data() + 1, end, sequence);
  const bool marked = window.follow || query.cursor.front() == '<';
  if (!marked || read.ec != std::errc() || read.ptr != end) {
    return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
  }
  window.sequence = sequence;
  return window;
}

std::size_t bytes_of(const store::LoggedMessage& message) {
  return message.raw.size() + (message.payload ? message.payload->size() : 0);
}
std::size_t bytes_of(const store::LoggedRefusal& /*refusal*/) { return 0; }

/// `rows` were asked for with one more than `limit`, and cut where they grew too large: either
/// tells that there are more.
template <class Row>
Response page(const std::vector<Row>& rows, const store::Window& window, int limit) {
  const auto shown = std::min(rows.size(), static_cast<std::size_t>(limit));
  std::size_t bytes = 0;
  Json items = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    bytes += bytes_of(rows[i]);
    items.push_back(record_json(rows[i]));
  }
  Json cursor;
  if (rows.size() > shown || bytes >= store::page_bytes) {
    cursor = to_cursor((window.follow ? ">" : "<") + std::to_string(rows[shown - 1].sequence));
  }
  return json_response({{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

}  // namespace

Result<Response> list_messages(Context& context, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto device = protocol::parse_device_name(name);
  if (!device) {
    return tl::unexpected(not_found("a device is named ProductID.NodeEui, which this is not"));
  }
  const auto query = parse_list_query(request, {}, true);
  if (!query) return tl::unexpected(query.error());
  const auto window = window_of(*query);
  if (!window) return tl::unexpected(window.error());
  const std::string product_id(device->product_id);
  const std::string node_eui(device->node_eui);
  auto& database = *context.database;
  const auto messages = store::read_messages(database, product_id, node_eui, *window);
  if (!messages) return tl::unexpected(from_database(messages.error()));
  // The messages of a deleted device can still be read; a name that nobody ever had is a mistake.
  if (messages->empty()) {
    const auto known = store::find_device(database, product_id, node_eui);
    if (!known) return tl::unexpected(from_database(known.error()));
    if (!*known && !window->sequence) {
      return tl::unexpected(not_found("there is no device " + name));
    }
  }
  return page(*messages, *window, query->limit);
}

Result<Response> list_refusals(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {"product_id", "node_eui"}, true);
  if (!query) return tl::unexpected(query.error());
  const auto window = window_of(*query);
  if (!window) return tl::unexpected(window.error());
  const store::RefusalFilter filter{request.query_value("product_id"),
                                    request.query_value("node_eui")};
  const auto refusals = store::read_refusals(*context.database, filter, *window);
  if (!refusals) return tl::unexpected(from_database(refusals.error()));
  return page(*refusals, *window, query->limit);
}

}  // namespace xgate::api
