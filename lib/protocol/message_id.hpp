// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "protocol/json.hpp"

namespace xgate::protocol {

/// FRAME-2: what numbers a message, as JSON text exactly as it was sent (`7`, `7.0`, `"a"`), so
/// that a reply carries the very same. Empty where a message has none.
class MessageId {
 public:
  MessageId() = default;
  MessageId(std::int64_t ours) : text_(std::to_string(ours)) {}  // NOLINT: a number is one
  /// Nothing in it where `text` is none.
  static MessageId of_text(std::string text) {
    MessageId id;
    id.text_ = std::move(text);
    return id;
  }

  explicit operator bool() const noexcept { return !text_.empty(); }
  const std::string& text() const noexcept { return text_; }
  friend bool operator==(const MessageId&, const MessageId&) = default;

 private:
  std::string text_;
};

}  // namespace xgate::protocol
