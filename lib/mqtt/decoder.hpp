// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "mqtt/packets.hpp"

namespace xgate::mqtt {

/// Cuts a stream of bytes into packets. What it holds is bounded by the largest packet allowed
/// and by what was really received: a length that is only announced reserves nothing.
class Decoder {
 public:
  /// `maximum_packet_size` counts the fixed header; 0: only MQTT's own limit.
  explicit Decoder(Version version, std::uint32_t maximum_packet_size = 0);

  /// Room for at least `size` more bytes; of these, `commit` says how many were received.
  std::span<char> prepare(std::size_t size);
  void commit(std::size_t size) noexcept;
  void feed(std::string_view bytes);

  /// The next whole packet, or nothing where more bytes are needed. After an error the stream
  /// cannot be read on.
  tl::expected<std::optional<Packet>, DecodeError> next();

 private:
  Version version_;
  std::size_t maximum_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< what is received and not yet decoded: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace xgate::mqtt
