// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "service/api/handlers.hpp"
#include "service/api/router.hpp"

namespace xgate::api {
namespace {

using store::Effect;

// clang-format off
constexpr std::array table{
  Route{"POST",   "/api/v1/vendors",                        create_vendor,  Body::json},
  Route{"GET",    "/api/v1/vendors",                        list_vendors},
  Route{"GET",    "/api/v1/vendors/{open_id}",              get_vendor},
  Route{"PATCH",  "/api/v1/vendors/{open_id}",              change_vendor,  Body::json}.effective_at(Effect::sessions),

  Route{"POST",   "/api/v1/products",                       create_product, Body::json}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/products",                       list_products},
  Route{"GET",    "/api/v1/products/{product_id}",          get_product},
  Route{"PATCH",  "/api/v1/products/{product_id}",          change_product, Body::json}.effective_at(Effect::sessions),
  Route{"DELETE", "/api/v1/products/{product_id}",          delete_product}.effective_at(Effect::sessions),

  Route{"PUT",    "/api/v1/products/{product_id}/model",    put_model,      Body::json},
  Route{"GET",    "/api/v1/products/{product_id}/model",    get_model},
  Route{"PUT",    "/api/v1/products/{product_id}/script",   put_script,     Body::script},
  Route{"GET",    "/api/v1/products/{product_id}/script",   get_script},
  Route{"POST",   "/api/v1/products/{product_id}/script/test", test_script, Body::json},

  Route{"POST",   "/api/v1/products/{product_id}/devices",  create_device,  Body::json}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/products/{product_id}/devices",  list_devices},
  Route{"POST",   "/api/v1/devices/import",                 import_devices, Body::csv}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/devices/export",                 export_devices},
  Route{"GET",    "/api/v1/devices/{device}",               get_device},
  Route{"DELETE", "/api/v1/devices/{device}",               delete_device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/enable",        enable_device}.effective_at(Effect::logins),
  Route{"POST",   "/api/v1/devices/{device}/disable",       disable_device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/reset",         reset_device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/kick",          kick_device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/unlock",        unlock_device}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/devices/{device}/messages",      list_device_messages},
  Route{"GET",    "/api/v1/devices/{device}/properties",    list_properties},
  Route{"GET",    "/api/v1/devices/{device}/events",        list_events},
  Route{"GET",    "/api/v1/devices/{device}/history/{identifier}", list_history},
  Route{"GET",    "/api/v1/products/{product_id}/messages", list_product_messages},
  Route{"GET",    "/api/v1/messages",                       list_messages},
  Route{"GET",    "/api/v1/refusals",                       list_refusals},

  Route{"POST",   "/api/v1/products/{product_id}/firmware", add_firmware,   Body::file,
        Access::token, Database::needed, check_firmware},
  Route{"GET",    "/api/v1/products/{product_id}/firmware", list_firmware},
  Route{"DELETE", "/api/v1/firmware/{image_id}",            delete_firmware},
  Route{"POST",   "/api/v1/upgrades",                       start_upgrade,  Body::json},
  Route{"GET",    "/api/v1/upgrades",                       list_upgrades},
  Route{"GET",    "/api/v1/upgrades/{job_id}",              get_upgrade},
  Route{"GET",    "/api/v1/upgrades/{job_id}/devices",      list_upgrade_devices},
  Route{"POST",   "/api/v1/upgrades/{job_id}/advance",      advance_upgrade, Body::json},
  Route{"POST",   "/api/v1/upgrades/{job_id}/cancel",       cancel_upgrade},
  Route{"POST",   "/api/v1/upgrades/{job_id}/retry",        retry_upgrade,  Body::json},
  Route{"GET",    "/api/v1/devices/{device}/upgrades",      list_device_upgrades},

  Route{"POST",   "/api/v1/devices/{device}/commands",      create_command, Body::json}.with_keys_of_its_own(),
  Route{"GET",    "/api/v1/devices/{device}/commands",      list_commands},
  Route{"GET",    "/api/v1/products/{product_id}/commands", list_product_commands},
  Route{"GET",    "/api/v1/devices/{device}/config",        get_config},
  Route{"GET",    "/api/v1/commands/{command_id}",          get_command},
  Route{"POST",   "/api/v1/commands/{command_id}/cancel",   cancel_command},

  Route{"POST",   "/api/v1/tokens",                         create_token,   Body::json},
  Route{"GET",    "/api/v1/tokens",                         list_tokens},
  Route{"POST",   "/api/v1/tokens/{token_id}/revoke",       revoke_token},

  Route{"GET",    "/livez",   live,    Body::none, Access::open, Database::nothing},
  Route{"GET",    "/readyz",  ready,   Body::none, Access::open, Database::nothing},
  Route{"GET",    "/metrics", metrics, Body::none, Access::open, Database::nothing},
};
// clang-format on

}  // namespace

std::span<const Route> routes() noexcept { return table; }

}  // namespace xgate::api
