// SPDX-License-Identifier: Apache-2.0
#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"
#include "service/api/audit.hpp"
#include "service/api/device_json.hpp"
#include "service/api/handlers.hpp"
#include "service/api/input.hpp"
#include "service/api/permission.hpp"
#include "service/store/brokers.hpp"

namespace xgate::api {
namespace {

Problem no_device(const std::string& name) { return not_found("there is no device " + name); }

Result<store::DeviceRecord> load(Context& context, const DevicePath& key) {
  auto device = store::find_device(*context.database, key.product_id, key.node_eui);
  if (!device) return tl::unexpected(from_database(device.error()));
  if (!*device) {
    return tl::unexpected(no_device(protocol::device_name(key.product_id, key.node_eui)));
  }
  return std::move(**device);
}

/// What the audit list tells of a device.
Json audited(const store::DeviceRecord& device) {
  protocol::Aes aes;
  Json json = device_json(device, aes, false);
  for (const char* member : {"client_id", "username", "firmware"}) json.erase(member);
  return json;
}
Json state_json(const store::DeviceRecord& device) {
  return {{"state", device.state},
          {"enabled", device.enabled},
          {"activated_at", or_null(device.activated_at)}};
}

/// The device as it is after a change.
Result<Response> changed_device(Context& context, const DevicePath& key,
                                const store::DeviceRecord& before) {
  const auto now = load(context, key);
  if (!now) return tl::unexpected(now.error());
  note_change(context, state_json(before), state_json(*now));
  protocol::Aes aes;
  return json_response(device_json(*now, aes, false));
}

Result<Response> set_enabled(Context& context, const Request& request, bool enabled) {
  const auto key = device_of_path(request);
  if (!key) return tl::unexpected(key.error());
  const auto before = load(context, *key);
  if (!before) return tl::unexpected(before.error());
  const auto done =
      store::enable_device(*context.database, key->product_id, key->node_eui, enabled);
  if (!done) return tl::unexpected(from_database(done.error()));
  return changed_device(context, *key, *before);
}

/// A device that is known, or of a product that is: it may be about to register itself.
Result<DevicePath> device_to_be(Context& context, const Request& request) {
  auto key = device_of_path(request);
  if (!key) return key;
  const auto product = store::find_product(*context.database, key->product_id);
  if (!product) return tl::unexpected(from_database(product.error()));
  if (!*product) return tl::unexpected(no_product(key->product_id));
  return key;
}

}  // namespace

Result<Response> create_device(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  const auto revealed = only_reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  std::string node_eui;
  std::string device_secret;
  input->text("node_eui", node_eui, protocol::is_node_eui,
              "must be 4 to 32 letters and digits (ID-3)");
  input->text("device_secret", device_secret, protocol::is_device_secret,
              "must be 32 hex digits (ID-4)");
  input->require({"node_eui"});
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (device_secret.empty()) device_secret = protocol::new_device_secret();
  const auto stored = store::insert_device(*context.database, product_id, node_eui, device_secret);
  if (!stored) {
    const auto& error = stored.error();
    if (error.constraint == "device_product_exists") {
      return tl::unexpected(not_found("there is no product " + product_id));
    }
    if (!error.is_unique_violation()) return tl::unexpected(from_database(error));
    return tl::unexpected(
        conflict("there is a device " + protocol::device_name(product_id, node_eui) + " already"));
  }
  const auto made = load(context, {product_id, node_eui});
  if (!made) return tl::unexpected(made.error());
  context.change.product_id = product_id;
  context.change.node_eui = node_eui;
  note_change(context, nullptr, audited(*made));
  protocol::Aes aes;
  auto response =
      shown_once(device_json(*made, aes, *revealed), {"device_secret", "password"}, 201);
  response.headers.emplace_back("Location",
                                "/api/v1/devices/" + protocol::device_name(product_id, node_eui));
  return response;
}

Result<Response> list_devices(Context& context, const Request& request) {
  const auto& product_id = request.parameters.at(0);
  const auto query = parse_list_query(request, {"state"});
  if (!query) return tl::unexpected(query.error());
  const auto state = request.query_value("state").value_or("");
  if (!state.empty() && state != "unactivated" && state != "online" && state != "offline" &&
      state != "disabled") {
    return tl::unexpected(bad_request("state must be unactivated, online, offline or disabled"));
  }
  auto& database = *context.database;
  const auto devices =
      store::list_devices(database, product_id, state, {query->cursor, query->limit + 1});
  if (!devices) return tl::unexpected(from_database(devices.error()));
  if (devices->empty()) {
    const auto product = store::find_product(database, product_id);
    if (!product) return tl::unexpected(from_database(product.error()));
    if (!*product) return tl::unexpected(not_found("there is no product " + product_id));
  }
  protocol::Aes aes;
  return list_response(
      *devices, query->limit,
      [&](const store::DeviceRecord& device) { return device_json(device, aes, false); },
      [](const store::DeviceRecord& device) { return device.node_eui; });
}

Result<Response> get_device(Context& context, const Request& request) {
  const auto key = device_of_path(request);
  if (!key) return tl::unexpected(key.error());
  const auto revealed = only_reveals(context, request);
  if (!revealed) return tl::unexpected(revealed.error());
  const auto device = load(context, *key);
  if (!device) return tl::unexpected(device.error());
  protocol::Aes aes;
  return json_response(device_json(*device, aes, *revealed));
}

Result<Response> delete_device(Context& context, const Request& request) {
  const auto key = device_of_path(request);
  if (!key) return tl::unexpected(key.error());
  const auto before = load(context, *key);
  if (!before) return tl::unexpected(before.error());
  note_change(context, audited(*before), nullptr);
  const auto deleted = store::delete_device(*context.database, key->product_id, key->node_eui);
  if (!deleted) return tl::unexpected(from_database(deleted.error()));
  if (!*deleted) return tl::unexpected(no_device(request.parameters.at(0)));
  Response response;
  response.status = 204;
  return response;
}

Result<Response> enable_device(Context& context, const Request& request) {
  return set_enabled(context, request, true);
}

Result<Response> disable_device(Context& context, const Request& request) {
  return set_enabled(context, request, false);
}

Result<Response> reset_device(Context& context, const Request& request) {
  const auto key = device_of_path(request);
  if (!key) return tl::unexpected(key.error());
  const auto before = load(context, *key);
  if (!before) return tl::unexpected(before.error());
  const auto found = store::reset_device(*context.database, key->product_id, key->node_eui);
  if (!found) return tl::unexpected(from_database(found.error()));
  if (!*found) return tl::unexpected(no_device(request.parameters.at(0)));
  context.once_committed.emplace_back([&context, cancelled = **found] {
    context.metrics.commands(protocol::CommandKind::key_update, protocol::CommandState::cancelled)
        .Increment(static_cast<double>(cancelled));
  });
  return changed_device(context, *key, *before);
}

Result<Response> kick_device(Context& context, const Request& request) {
  const auto key = device_to_be(context, request);
  if (!key) return tl::unexpected(key.error());
  auto& database = *context.database;
  const auto device = store::find_device(database, key->product_id, key->node_eui);
  if (!device) return tl::unexpected(from_database(device.error()));
  const auto kicked = store::kick_device(database, key->product_id, key->node_eui);
  if (!kicked) return tl::unexpected(from_database(kicked.error()));
  const bool was_online = *device && (*device)->online;
  note_change(context, {{"online", was_online}}, {{"online", false}});
  return json_response({{"device", request.parameters.at(0)}, {"was_online", was_online}});
}

Result<Response> unlock_device(Context& context, const Request& request) {
  const auto key = device_to_be(context, request);
  if (!key) return tl::unexpected(key.error());
  const auto told = store::unlock_device(*context.database, key->product_id, key->node_eui);
  if (!told) return tl::unexpected(from_database(told.error()));
  return json_response({{"device", request.parameters.at(0)}});
}

}  // namespace xgate::api
