// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include "protocol/identity.hpp"
#include "protocol/json.hpp"
#include "service/api/answer.hpp"
#include "service/api/handlers.hpp"
#include "service/store/message_log.hpp"
#include "service/store/models.hpp"
#include "service/store/thing_history.hpp"

namespace xgate::api {
namespace {

struct DeviceOf {
  std::int64_t device_id = 0;
  std::string product_id;
};
/// The path's P.N.
Result<DeviceOf> find_device_of(Context& context, const Request& request) {
  auto device = device_of_path(request);
  if (!device) return tl::unexpected(device.error());
  const auto found = store::find_device_id(*context.database, device->product_id, device->node_eui);
  if (!found) return tl::unexpected(from_database(found.error()));
  if (!*found) return tl::unexpected(not_found("there is no device " + request.parameters.at(0)));
  return DeviceOf{**found, std::move(device->product_id)};
}

/// A cursor holds the place of the last item shown, "<ms>.<sequence>".
std::string cursor_of(const store::HistoryPlace& place) {
  return std::to_string(place.device_time_ms) + '.' + std::to_string(place.sequence);
}
std::optional<store::HistoryPlace> place_of(std::string_view cursor) {
  store::HistoryPlace place;
  const auto* end = cursor.data() + cursor.size();
  const auto time = std::from_chars(cursor.data(), end, place.device_time_ms);
  if (time.ec != std::errc() || time.ptr == end || *time.ptr != '.') return std::nullopt;
  const auto sequence = std::from_chars(time.ptr + 1, end, place.sequence);
  if (sequence.ec != std::errc() || sequence.ptr != end) return std::nullopt;
  return place;
}

/// What both histories are asked by; `limit` with the one more that tells of a next page.
Result<store::HistoryQuery> history_query(const Request& request, std::int64_t device_id,
                                          const ListQuery& list) {
  store::HistoryQuery query;
  query.device_id = device_id;
  query.limit = list.limit + 1;
  const auto from = time_parameter(request, "from");
  if (!from) return tl::unexpected(from.error());
  const auto to = time_parameter(request, "to");
  if (!to) return tl::unexpected(to.error());
  if (*from && *to && **from >= **to) {
    return tl::unexpected(bad_request("from must be before to"));
  }
  query.from_ms = *from;
  query.to_ms = *to;
  if (!list.cursor.empty()) {
    query.after = place_of(list.cursor);
    if (!query.after) {
      return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
    }
  }
  return query;
}

/// Records were asked for with one more than `limit`, and cut where they grew too large: either
/// tells that there are more.
template <class ToJson>
Response page(const std::vector<store::HistoryRecord>& records, int limit, ToJson to_json) {
  const auto shown = std::min(records.size(), static_cast<std::size_t>(limit));
  std::size_t bytes = 0;
  Json items = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    bytes += records[i].value.size();
    items.push_back(to_json(records[i]));
  }
  Json cursor;
  if (records.size() > shown || bytes >= store::page_bytes) {
    cursor = to_cursor(cursor_of(records[shown - 1].place));
  }
  return json_response({{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

Json or_none(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

/// A value outlives the version of the model that it was judged by: why it is none of the newest's.
Json misfit_of(const protocol::ThingModel* model, const store::LatestProperty& property) {
  if (model == nullptr) return nullptr;
  const auto value = protocol::parse_json(property.value);
  if (!value) return nullptr;
  const auto fitted = model->fit_property(property.identifier, *value);
  return fitted ? Json(nullptr) : Json(fitted.error().reason);
}

/// Nothing is shown because nothing was ever reported: a mistake, unless the model has the
/// property.
Result<void> check_known(Context& context, const Request& request, const DeviceOf& device) {
  const auto& identifier = request.parameters.at(1);
  const auto reported = store::has_property(*context.database, device.device_id, identifier);
  if (!reported) return tl::unexpected(from_database(reported.error()));
  if (*reported) return {};
  const auto model = store::thing_model(*context.database, device.product_id);
  if (!model) return tl::unexpected(from_database(model.error()));
  if (*model && (*model)->property_label(identifier)) return {};
  return tl::unexpected(not_found(
      request.parameters.at(0) + " never reported a property " + identifier + ", and " +
      (*model ? "the thing model of product " + device.product_id + " has none of that name"
              : "product " + device.product_id + " has no thing model yet")));
}

}  // namespace

Result<Response> list_properties(Context& context, const Request& request) {
  const auto list = parse_list_query(request, {});
  if (!list) return tl::unexpected(list.error());
  const auto device = find_device_of(context, request);
  if (!device) return tl::unexpected(device.error());
  const auto properties =
      store::list_properties(*context.database, device->device_id, {list->cursor, list->limit + 1});
  if (!properties) return tl::unexpected(from_database(properties.error()));
  const auto model = store::thing_model(*context.database, device->product_id);
  if (!model) return tl::unexpected(from_database(model.error()));
  const auto to_json = [&](const store::LatestProperty& property) -> Json {
    const auto label = *model ? (*model)->property_label(property.identifier) : std::nullopt;
    return {{"identifier", property.identifier},
            {"name", label ? or_none(label->name) : Json(nullptr)},
            {"unit", label ? or_none(label->unit) : Json(nullptr)},
            {"value", stored_json(property.value)},
            {"misfit", misfit_of(model->get(), property)},
            {"device_time", property.device_time},
            {"received_at", property.received_at}};
  };
  return list_response(*properties, list->limit, to_json,
                       [](const store::LatestProperty& property) { return property.identifier; });
}

Result<Response> list_events(Context& context, const Request& request) {
  const auto list = parse_list_query(request, {"identifier", "type", "from", "to"});
  if (!list) return tl::unexpected(list.error());
  const auto type = request.query_value("type").value_or("");
  if (!type.empty() && type != "info" && type != "alert" && type != "error") {
    return tl::unexpected(bad_request(R"(type must be "info", "alert" or "error")"));
  }
  const auto device = find_device_of(context, request);
  if (!device) return tl::unexpected(device.error());
  auto query = history_query(request, device->device_id, *list);
  if (!query) return tl::unexpected(query.error());
  query->identifier = request.query_value("identifier").value_or("");
  query->type = type;
  const auto events = store::read_event_history(*context.database, *query);
  if (!events) return tl::unexpected(from_database(events.error()));
  return page(*events, list->limit, [](const store::HistoryRecord& event) -> Json {
    return {{"identifier", event.identifier},
            {"type", or_none(event.type)},
            {"params", stored_json(event.value)},
            {"device_time", event.device_time},
            {"received_at", event.received_at}};
  });
}

Result<Response> list_history(Context& context, const Request& request) {
  const auto list = parse_list_query(request, {"from", "to"});
  if (!list) return tl::unexpected(list.error());
  const auto device = find_device_of(context, request);
  if (!device) return tl::unexpected(device.error());
  auto query = history_query(request, device->device_id, *list);
  if (!query) return tl::unexpected(query.error());
  query->identifier = request.parameters.at(1);
  const auto values = store::read_property_history(*context.database, *query);
  if (!values) return tl::unexpected(from_database(values.error()));
  if (values->empty()) {
    if (auto known = check_known(context, request, *device); !known) {
      return tl::unexpected(known.error());
    }
  }
  return page(*values, list->limit, [](const store::HistoryRecord& value) -> Json {
    return {{"value", stored_json(value.value)},
            {"device_time", value.device_time},
            {"received_at", value.received_at}};
  });
}

}  // namespace xgate::api
