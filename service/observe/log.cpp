// SPDX-License-Identifier: Apache-2.0
#include "service/observe/log.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <string_view>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "protocol/control_character.hpp"

namespace xgate::observe {
namespace {

void append(spdlog::memory_buf_t& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

/// The message as a JSON string's inside; bytes that are no ASCII go as they are.
void append_escaped(spdlog::memory_buf_t& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      append(out, "\\u00");
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
}

/// What clients sent must not forge lines or move a terminal's cursor.
class OneLine : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    std::string_view text(message.payload.data(), message.payload.size());
    while (!text.empty()) {
      const auto length = protocol::control_character(text);
      out.push_back(length > 0 ? ' ' : text.front());
      text.remove_prefix(std::max<std::size_t>(length, 1));
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<OneLine>();
  }
};

class Escaped : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    append_escaped(out, {message.payload.data(), message.payload.size()});
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Escaped>();
  }
};

}  // namespace

void set_up_log(const std::string& format, const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>("xgate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (format == "json") {
    formatter->add_flag<Escaped>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})");
  } else {
    formatter->add_flag<OneLine>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %*");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);  // standard error into a pipe would hold lines back
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace xgate::observe
