// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/login.hpp"
#include "service/api/answer.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {

/// ID-7: the type-0 login that a device gets at registration; its timestamp is that time. Where the
/// product takes none of type 0, one of type 1 that is good now, and once.
protocol::LoginParameters default_login(const store::DeviceRecord& device, protocol::Aes& aes);

/// `revealed`: with its DeviceSecret and the login's password.
Json device_json(const store::DeviceRecord& device, protocol::Aes& aes, bool revealed);

}  // namespace xgate::api
