// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/api/http.hpp"

// One function an operation; routes.cpp maps method and path to them.
namespace xgate::api {

/// How many random ids are tried where none is given.
constexpr int id_tries = 5;

// vendors.cpp
Result<Response> create_vendor(Context& context, const Request& request);
Result<Response> list_vendors(Context& context, const Request& request);
Result<Response> get_vendor(Context& context, const Request& request);
Result<Response> change_vendor(Context& context, const Request& request);

// products.cpp
Result<Response> create_product(Context& context, const Request& request);
Result<Response> list_products(Context& context, const Request& request);
Result<Response> get_product(Context& context, const Request& request);
Result<Response> change_product(Context& context, const Request& request);
Result<Response> delete_product(Context& context, const Request& request);

// scripts.cpp
Result<Response> put_script(Context& context, const Request& request);
Result<Response> get_script(Context& context, const Request& request);
Result<Response> test_script(Context& context, const Request& request);

// devices.cpp
Result<Response> create_device(Context& context, const Request& request);
Result<Response> list_devices(Context& context, const Request& request);
Result<Response> get_device(Context& context, const Request& request);
Result<Response> delete_device(Context& context, const Request& request);
Result<Response> enable_device(Context& context, const Request& request);
Result<Response> disable_device(Context& context, const Request& request);
Result<Response> reset_device(Context& context, const Request& request);
Result<Response> kick_device(Context& context, const Request& request);
Result<Response> unlock_device(Context& context, const Request& request);

// device_files.cpp
Result<Response> import_devices(Context& context, const Request& request);
Result<Response> export_devices(Context& context, const Request& request);

// history.cpp
Result<Response> list_device_messages(Context& context, const Request& request);
Result<Response> list_product_messages(Context& context, const Request& request);
Result<Response> list_messages(Context& context, const Request& request);
Result<Response> list_refusals(Context& context, const Request& request);

// firmware.cpp
Result<Response> check_firmware(Context& context, const Request& request);
Result<Response> add_firmware(Context& context, const Request& request);
Result<Response> list_firmware(Context& context, const Request& request);
Result<Response> delete_firmware(Context& context, const Request& request);

// models.cpp
Result<Response> put_model(Context& context, const Request& request);
Result<Response> get_model(Context& context, const Request& request);

// thing_data.cpp
Result<Response> list_properties(Context& context, const Request& request);
Result<Response> list_events(Context& context, const Request& request);
Result<Response> list_history(Context& context, const Request& request);

// commands.cpp
Result<Response> create_command(Context& context, const Request& request);
Result<Response> list_commands(Context& context, const Request& request);
Result<Response> list_product_commands(Context& context, const Request& request);
Result<Response> get_command(Context& context, const Request& request);
Result<Response> cancel_command(Context& context, const Request& request);
Result<Response> get_config(Context& context, const Request& request);

// upgrades.cpp
Result<Response> start_upgrade(Context& context, const Request& request);
Result<Response> list_upgrades(Context& context, const Request& request);
Result<Response> get_upgrade(Context& context, const Request& request);
Result<Response> list_upgrade_devices(Context& context, const Request& request);
Result<Response> list_device_upgrades(Context& context, const Request& request);
Result<Response> advance_upgrade(Context& context, const Request& request);
Result<Response> cancel_upgrade(Context& context, const Request& request);
Result<Response> retry_upgrade(Context& context, const Request& request);

// tokens.cpp
Result<Response> create_token(Context& context, const Request& request);
Result<Response> list_tokens(Context& context, const Request& request);
Result<Response> revoke_token(Context& context, const Request& request);

// audit.cpp
Result<Response> list_audit(Context& context, const Request& request);

// health.cpp
Result<Response> live(Context& context, const Request& request);
Result<Response> ready(Context& context, const Request& request);
Result<Response> metrics(Context& context, const Request& request);

}  // namespace xgate::api
