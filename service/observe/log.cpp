// SPDX-License-Identifier: Apache-2.0
#include "service/observe/log.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "printable/line.hpp"

namespace xgate::observe {
namespace {

void append(spdlog::memory_buf_t& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

/// As a JSON string's inside.
std::string as_json(std::string_view text) {
  std::string inside;
  inside.reserve(text.size());
  for (const char c : text) {
    if (c == '"' || c == '\\') inside += '\\';
    if (c == '\n') {
      inside += "\\n";
    } else {
      inside += c;
    }
  }
  return printable::json(inside);
}

/// Where everything passes: also what another part of the program says by spdlog itself.
template <std::string (*Form)(std::string_view)>
class Message : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    append(out, Form({message.payload.data(), message.payload.size()}));
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Message>();
  }
};

std::string as_text(std::string_view text) { return printable::Line(text).text(); }

}  // namespace

Quoted::Quoted(std::string_view value) : text_("\"") {
  for (const char c : value) {
    if (c == '"' || c == '\\') text_ += '\\';
    text_ += c;
  }
  text_ += '"';
}

Words::Words(std::string_view words) : text_(words) {
  const auto breaks = [](char c) { return c == '\n' || c == '\r' || c == '\t'; };
  while (!text_.empty() && breaks(text_.back())) text_.pop_back();
  std::ranges::replace_if(text_, breaks, ' ');
}

void set_up_log(const std::string& format, const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>("xgate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (format == "json") {
    formatter->add_flag<Message<as_json>>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})");
  } else {
    formatter->add_flag<Message<as_text>>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %*");
  }
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);  // standard error into a pipe would hold lines back
  spdlog::set_default_logger(std::move(logger));
}

void end_log() { spdlog::shutdown(); }

}  // namespace xgate::observe
