// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "service/api/handlers.hpp"
#include "service/api/router.hpp"

namespace xgate::api {
namespace {

using store::Effect;

#define OPERATION(name) #name, name

// clang-format off
constexpr std::array table{
  Route{"POST",   "/api/v1/vendors",                                    OPERATION(create_vendor),         Access::admin,   Of::platform, Body::json},
  Route{"GET",    "/api/v1/vendors",                                    OPERATION(list_vendors),          Access::read,    Of::several},
  Route{"GET",    "/api/v1/vendors/{open_id}",                          OPERATION(get_vendor),            Access::read,    Of::vendor},
  Route{"PATCH",  "/api/v1/vendors/{open_id}",                          OPERATION(change_vendor),         Access::admin,   Of::vendor, Body::json}.effective_at(Effect::sessions),

  Route{"POST",   "/api/v1/products",                                   OPERATION(create_product),        Access::admin,   Of::several, Body::json}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/products",                                   OPERATION(list_products),         Access::read,    Of::several},
  Route{"GET",    "/api/v1/products/{product_id}",                      OPERATION(get_product),           Access::read,    Of::product},
  Route{"PATCH",  "/api/v1/products/{product_id}",                      OPERATION(change_product),        Access::admin,   Of::product, Body::json}.effective_at(Effect::sessions),
  Route{"DELETE", "/api/v1/products/{product_id}",                      OPERATION(delete_product),        Access::admin,   Of::product}.effective_at(Effect::sessions),

  Route{"PUT",    "/api/v1/products/{product_id}/model",                OPERATION(put_model),             Access::admin,   Of::product, Body::json},
  Route{"GET",    "/api/v1/products/{product_id}/model",                OPERATION(get_model),             Access::read,    Of::product},
  Route{"PUT",    "/api/v1/products/{product_id}/script",               OPERATION(put_script),            Access::admin,   Of::product, Body::script},
  Route{"GET",    "/api/v1/products/{product_id}/script",               OPERATION(get_script),            Access::read,    Of::product},
  Route{"POST",   "/api/v1/products/{product_id}/script/test",          OPERATION(test_script),           Access::operate, Of::product, Body::json}.changing_nothing(),

  Route{"POST",   "/api/v1/products/{product_id}/devices",              OPERATION(create_device),         Access::operate, Of::product, Body::json}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/products/{product_id}/devices",              OPERATION(list_devices),          Access::read,    Of::product},
  Route{"POST",   "/api/v1/devices/import",                             OPERATION(import_devices),        Access::operate, Of::several, Body::csv}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/devices/export",                             OPERATION(export_devices),        Access::read,    Of::several},
  Route{"GET",    "/api/v1/devices/{device}",                           OPERATION(get_device),            Access::read,    Of::device},
  Route{"DELETE", "/api/v1/devices/{device}",                           OPERATION(delete_device),         Access::admin,   Of::device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/enable",                    OPERATION(enable_device),         Access::operate, Of::device}.effective_at(Effect::logins),
  Route{"POST",   "/api/v1/devices/{device}/disable",                   OPERATION(disable_device),        Access::operate, Of::device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/reset",                     OPERATION(reset_device),          Access::operate, Of::device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/kick",                      OPERATION(kick_device),           Access::operate, Of::device}.effective_at(Effect::sessions),
  Route{"POST",   "/api/v1/devices/{device}/unlock",                    OPERATION(unlock_device),         Access::operate, Of::device}.effective_at(Effect::logins),
  Route{"GET",    "/api/v1/devices/{device}/messages",                  OPERATION(list_device_messages),  Access::read,    Of::device},
  Route{"GET",    "/api/v1/devices/{device}/properties",                OPERATION(list_properties),       Access::read,    Of::device},
  Route{"GET",    "/api/v1/devices/{device}/events",                    OPERATION(list_events),           Access::read,    Of::device},
  Route{"GET",    "/api/v1/devices/{device}/history/{identifier}",      OPERATION(list_history),          Access::read,    Of::device},
  Route{"GET",    "/api/v1/products/{product_id}/messages",             OPERATION(list_product_messages), Access::read,    Of::product},
  Route{"GET",    "/api/v1/messages",                                   OPERATION(list_messages),         Access::read,    Of::several},
  Route{"GET",    "/api/v1/refusals",                                   OPERATION(list_refusals),         Access::read,    Of::several},

  Route{"POST",   "/api/v1/products/{product_id}/firmware",             OPERATION(add_firmware),          Access::operate, Of::product, Body::file, Database::needed, check_firmware},
  Route{"GET",    "/api/v1/products/{product_id}/firmware",             OPERATION(list_firmware),         Access::read,    Of::product},
  Route{"DELETE", "/api/v1/firmware/{image_id}",                        OPERATION(delete_firmware),       Access::admin,   Of::image},
  Route{"POST",   "/api/v1/upgrades",                                   OPERATION(start_upgrade),         Access::operate, Of::several, Body::json},
  Route{"GET",    "/api/v1/upgrades",                                   OPERATION(list_upgrades),         Access::read,    Of::several},
  Route{"GET",    "/api/v1/upgrades/{job_id}",                          OPERATION(get_upgrade),           Access::read,    Of::job},
  Route{"GET",    "/api/v1/upgrades/{job_id}/devices",                  OPERATION(list_upgrade_devices),  Access::read,    Of::job},
  Route{"POST",   "/api/v1/upgrades/{job_id}/advance",                  OPERATION(advance_upgrade),       Access::operate, Of::job, Body::json},
  Route{"POST",   "/api/v1/upgrades/{job_id}/cancel",                   OPERATION(cancel_upgrade),        Access::operate, Of::job},
  Route{"POST",   "/api/v1/upgrades/{job_id}/retry",                    OPERATION(retry_upgrade),         Access::operate, Of::job, Body::json},
  Route{"GET",    "/api/v1/devices/{device}/upgrades",                  OPERATION(list_device_upgrades),  Access::read,    Of::device},

  Route{"POST",   "/api/v1/devices/{device}/commands",                  OPERATION(create_command),        Access::operate, Of::device, Body::json}.with_keys_of_its_own(),
  Route{"GET",    "/api/v1/devices/{device}/commands",                  OPERATION(list_commands),         Access::read,    Of::device},
  Route{"GET",    "/api/v1/products/{product_id}/commands",             OPERATION(list_product_commands), Access::read,    Of::product},
  Route{"GET",    "/api/v1/devices/{device}/config",                    OPERATION(get_config),            Access::read,    Of::device},
  Route{"GET",    "/api/v1/commands/{command_id}",                      OPERATION(get_command),           Access::read,    Of::command},
  Route{"POST",   "/api/v1/commands/{command_id}/cancel",               OPERATION(cancel_command),        Access::operate, Of::command},

  Route{"POST",   "/api/v1/tokens",                                     OPERATION(create_token),          Access::admin,   Of::platform, Body::json},
  Route{"GET",    "/api/v1/tokens",                                     OPERATION(list_tokens),           Access::admin,   Of::platform},
  Route{"POST",   "/api/v1/tokens/{token_id}/revoke",                   OPERATION(revoke_token),          Access::admin,   Of::platform},

  Route{"GET",    "/api/v1/audit",                                      OPERATION(list_audit),            Access::admin,   Of::several},

  Route{"GET",    "/livez",                                             OPERATION(live),                  Access::open,    Of::nobody, Body::none, Database::nothing},
  Route{"GET",    "/readyz",                                            OPERATION(ready),                 Access::open,    Of::nobody, Body::none, Database::nothing},
  Route{"GET",    "/metrics",                                           OPERATION(metrics),               Access::open,    Of::nobody, Body::none, Database::nothing},
};
// clang-format on

}  // namespace

std::span<const Route> routes() noexcept { return table; }
std::span<const Route> metrics_routes() noexcept { return std::span(table).last(1); }

}  // namespace xgate::api
