// SPDX-License-Identifier: Apache-2.0
#include "plugin/too_large.hpp"

#include <charconv>

#include "plugin/broker.hpp"
#include "protocol/login.hpp"

namespace xgate::plugin {

std::optional<Dropped> read_dropped(std::string_view line) noexcept {
  constexpr std::string_view words = "Dropping too large outgoing PUBLISH for V2_";
  // Only the time may come before: a client id, which others' notices repeat, can be these words.
  const auto begin = line.find_first_not_of("0123456789-+:.TZ ");
  if (begin == std::string_view::npos || !line.substr(begin).starts_with(words)) {
    return std::nullopt;
  }
  line.remove_prefix(begin + words.size());
  const auto end = line.find(" (");
  if (end == std::string_view::npos) return std::nullopt;
  const auto id = line.substr(0, end);
  const auto name = protocol::parse_device_name(id.substr(0, id.find(mark_sign)));
  const auto key =
      name ? directory::DeviceKey::from(name->product_id, name->node_eui) : std::nullopt;
  std::int64_t bytes = 0;
  line.remove_prefix(end + 2);
  const auto read = std::from_chars(line.data(), line.data() + line.size(), bytes);
  if (!key || read.ec != std::errc() || bytes <= 0) return std::nullopt;
  return Dropped{*key, bytes};
}

}  // namespace xgate::plugin
