// SPDX-License-Identifier: Apache-2.0
#include "pg/bytea.hpp"

namespace xgate::pg {
namespace {

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 0;
}

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out[at++] = digits[byte >> 4U];
    out[at++] = digits[byte & 0xFU];
  }
}

std::string decode_bytea(std::string_view text) {
  std::string bytes;
  if (!text.starts_with("\\x")) return bytes;
  text.remove_prefix(2);
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>((digit(text[i]) << 4) | digit(text[i + 1]));
  }
  return bytes;
}

}  // namespace xgate::pg
