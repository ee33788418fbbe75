// SPDX-License-Identifier: Apache-2.0
#include "service/api/device_json.hpp"

#include "clock/unix_ms.hpp"

namespace xgate::api {

protocol::LoginParameters default_login(const store::DeviceRecord& device, protocol::Aes& aes) {
  const protocol::IdentityView id{device.open_id, device.product_id, device.node_eui};
  // The table's constraint holds every secret to 32 hex digits.
  const auto secret = protocol::aes_key_from_hex(device.device_secret);
  if (!secret) return {};
  const bool type_1 = device.require_type_1;
  return protocol::v2_login_parameters(id, device.product_key, *secret, type_1 ? 1 : 0,
                                       type_1 ? clock::unix_ms() / 1000 : device.registered_at_s,
                                       aes);
}

Json device_json(const store::DeviceRecord& device, protocol::Aes& aes, bool revealed) {
  const auto login = default_login(device, aes);
  Json firmware = Json::array();
  for (const auto& module : device.firmware) {
    firmware.push_back({{"module", module.module},
                        {"hard_ver", module.hard_ver},
                        {"soft_ver", module.soft_ver},
                        {"reported_at", module.reported_at}});
  }
  Json json{{"open_id", device.open_id},
            {"product_id", device.product_id},
            {"node_eui", device.node_eui},
            {"state", device.state},
            {"online", device.online},
            {"enabled", device.enabled},
            {"registered_by", device.registered_by},
            {"registered_at", device.registered_at},
            {"activated_at", or_null(device.activated_at)},
            {"online_at", or_null(device.online_at)},
            {"offline_at", or_null(device.offline_at)},
            {"broker", or_null(device.broker)},
            {"address", or_null(device.address)},
            {"key_reading", or_null(device.key_reading)},
            {"topic_names", device.topic_names.empty() ? Json() : Json(device.topic_names)},
            {"client_id", login.client_id},
            {"username", login.username},
            {"firmware", std::move(firmware)}};
  if (revealed) {
    json["device_secret"] = device.device_secret;
    json["password"] = login.password;
  }
  return json;
}

}  // namespace xgate::api
