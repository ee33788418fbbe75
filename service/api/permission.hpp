// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "service/api/http.hpp"
#include "service/api/router.hpp"

// What a token may do: its role is asked before the body is read, its scope before the handler.
namespace xgate::api {

/// 403 where the caller's role, or his scope whatever is asked for, does not suffice.
Result<void> check_role(const Route& route, const store::TokenGrant& caller);

/// 404 where what the path names lies outside the caller's scope, as where it does not exist: to a
/// caller with a scope both are answered here, before anything else is looked at.
Result<void> check_scope(pg::Connection& database, const Route& route, const Request& request);

/// The same of a product that the query or the body names.
Result<void> check_product(pg::Connection& database, const Request& request,
                           const std::string& product_id);

/// Whether the query asks for secrets (reveal=true), which the audit list is then told: 403 where
/// the caller may not see them.
Result<bool> reveals(Context& context, const Request& request);
/// The same of an operation that has no other query parameter.
Result<bool> only_reveals(Context& context, const Request& request);

/// A DownID is all that a download needs: who only looks on is not told it.
constexpr bool sees_down_ids(store::Role role) { return role >= store::Role::operate; }

/// "vendor 7ED01E2A"
std::string words_of(const store::Scope& scope);

}  // namespace xgate::api
