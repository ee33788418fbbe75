// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace xgate::api {

/// RFC 9112, 2.2: empty lines before a request are ignored, and some clients end a request with one
/// too many. How many bytes of them lead `received`; a CR whose LF is still to come is none yet.
constexpr std::size_t empty_lines(std::string_view received) noexcept {
  std::size_t end = 0;
  for (auto rest = received; !rest.empty(); rest = received.substr(end)) {
    if (rest.front() == '\n') {
      end += 1;
    } else if (rest.starts_with("\r\n")) {
      end += 2;
    } else {
      break;
    }
  }
  return end;
}

/// Drops them from the front of a buffer. False: a request is still to begin.
template <class Buffer>
bool begins_request(Buffer& buffer) {
  const auto received = [&] {
    const auto data = buffer.data();
    return std::string_view(static_cast<const char*>(data.data()), data.size());
  };
  buffer.consume(empty_lines(received()));
  return buffer.size() > 0 && received() != "\r";
}

}  // namespace xgate::api
