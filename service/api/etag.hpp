// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace xgate::api {

/// Whether If-Match names this entity tag (RFC 9110, 13.1.1): "*", or a list of tags, of which a
/// weak one is never the same.
bool matches_tag(std::string_view if_match, std::string_view etag);

/// Whether If-None-Match names this entity tag (RFC 9110, 13.1.2): "*", or a list of tags, of which
/// a weak one (W/"…") counts like a strong one.
bool names_tag(std::string_view if_none_match, std::string_view etag);

}  // namespace xgate::api
