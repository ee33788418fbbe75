// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/login.hpp"

// TRACE-1: what is wrong with the names of a login that was refused, and with an AUTH- login's
// password. Pure, and too slow for the broker's thread.
namespace xgate::protocol {

/// The ids that a login may mean as its product's: what has their form in client id and username,
/// as it stands there and in either case. A few at most.
std::vector<std::string> possible_product_ids(const Credentials& credentials);

bool same_but_for_case(std::string_view one, std::string_view other) noexcept;
/// A name in upper and in lower case.
std::vector<std::string> in_either_case(std::string_view name);

/// A product that exists, one of those.
struct NamedProduct {
  std::string_view product_id;
  std::string_view open_id;
};

/// Names the usual mistake in client id or username: another case, OpenID and ProductID swapped,
/// another separator, blanks, the form of the other login; empty where there is none of these.
std::string explain_names(const Credentials& credentials, std::span<const NamedProduct> products);

/// AUTH-1: names the usual mistake that makes `password` of the ProductKey, or what it is instead.
/// `device_secret` where the device is registered, else empty; both of 32 hex digits.
std::string explain_auth_password(const IdentityView& id, std::string_view password,
                                  std::string_view product_key, std::string_view device_secret);

}  // namespace xgate::protocol
