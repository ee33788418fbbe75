// SPDX-License-Identifier: Apache-2.0
#include "mqtt/decoder.hpp"

#include <algorithm>
#include <cstring>

namespace xgate::mqtt {
namespace {

constexpr std::size_t header_limit = 5;                        ///< one byte of type, four of length
constexpr std::size_t kept_when_empty = std::size_t{1} << 20;  ///< one large packet is not kept

}  // namespace

Decoder::Decoder(Version version, std::uint32_t maximum_packet_size)
    : version_(version),
      maximum_(maximum_packet_size == 0 ? remaining_length_limit + header_limit
                                        : maximum_packet_size) {}

std::span<char> Decoder::prepare(std::size_t size) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kept_when_empty && size <= kept_when_empty)
      std::vector<char>().swap(buffer_);
  }
  if (buffer_.size() - end_ < size && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < size) buffer_.resize(std::max(end_ + size, buffer_.size() * 2));
  return {buffer_.data() + end_, size};
}

void Decoder::commit(std::size_t size) noexcept { end_ += size; }

void Decoder::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

tl::expected<std::optional<Packet>, DecodeError> Decoder::next() {
  const std::string_view held(buffer_.data() + begin_, end_ - begin_);
  std::size_t length = 0;
  std::size_t header = 1;
  for (int shift = 0;; shift += 7, ++header) {
    if (shift == 28)
      return tl::unexpected(DecodeError{0x81, "a packet's length takes more than four bytes"});
    if (header >= held.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(held[header]);
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  ++header;
  if (header + length > maximum_)
    return tl::unexpected(DecodeError{
        packet_too_large, "a packet of " + std::to_string(header + length) +
                              " bytes is larger than the limit of " + std::to_string(maximum_)});
  if (held.size() - header < length) return std::nullopt;
  begin_ += header + length;
  auto packet =
      decode_packet(static_cast<std::uint8_t>(held[0]), held.substr(header, length), version_);
  if (!packet) return tl::unexpected(std::move(packet.error()));
  return std::optional<Packet>(std::move(*packet));
}

}  // namespace xgate::mqtt
