// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace xgate::benchmarks {

/// "sent P.N ID" and "acked P.N ID", a line each, added to a file. What is noted stands in the file
/// after flush(), which comes before anything is written to a socket: who is killed has never sent
/// what the file does not know.
class MessageLog {
 public:
  /// An empty path: keeps nothing.
  static tl::expected<MessageLog, std::string> open(const std::string& path);
  MessageLog(MessageLog&& other) noexcept;
  MessageLog& operator=(MessageLog&&) = delete;
  ~MessageLog();

  void sent(std::string_view device, std::uint32_t message_id) {
    note("sent ", device, message_id);
  }
  void acked(std::string_view device, std::uint32_t message_id) {
    note("acked ", device, message_id);
  }
  /// False: the file takes no more (the disk is full).
  bool flush();

 private:
  explicit MessageLog(int file) noexcept : file_(file) {}
  void note(std::string_view what, std::string_view device, std::uint32_t message_id);

  int file_;
  std::string held_;
};

}  // namespace xgate::benchmarks
