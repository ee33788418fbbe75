// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/display.hpp"
#include "cli/follow.hpp"
#include "cli/options.hpp"
#include "cli/text.hpp"
#include "protocol/base64.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

// "/sys/O/P/N/uplink" to "uplink": the device is known.
std::string short_topic(const std::string& topic) {
  constexpr std::string_view root = "/sys/";
  if (!topic.starts_with(root) || topic == "/sys/device/auth") return topic;
  std::size_t slash = root.size() - 1;
  for (int level = 0; level < 3 && slash != std::string::npos; ++level) {
    slash = topic.find('/', slash + 1);
  }
  return slash == std::string::npos ? topic : topic.substr(slash + 1);
}

std::string joined(std::initializer_list<std::string> words) {
  std::string line;
  for (const std::string& word : words) {
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

// What the device was answered, and why; or what else there is to say.
Cell verdict(const Json& message) {
  const std::string code = member_text(message, "code");
  const std::string requirement = member_text(message, "requirement");
  const std::string reason = member_text(message, "reason");
  const bool good = requirement.empty() && (code.empty() || code == "200" || code == "0");
  std::string note = member_text(message, "note");
  const std::string explanation = member_text(message, "explanation");
  if (!explanation.empty()) note += (note.empty() ? "– " : " – ") + explanation;
  if (good && code.empty() && note.empty()) return {"–", Style::faint};
  const bool warning = good && member_is_true(message, "warning");
  const char* mark = warning ? "!" : good ? "✓" : "✗";
  return {with_zoned_times(joined({mark, code, requirement, reason, note})), warning
                                                                                 ? Style::warning
                                                                             : good ? Style::good
                                                                                    : Style::bad};
}

// The Payload's JSON text; the whole message where it could not be opened.
printable::Line payload_of(const Json& message) {
  const std::string opened = member_text(message, "payload_text");
  if (!opened.empty()) return as_it_came(opened);
  const std::string raw = member_text(message, "raw");
  const bool is_text = member_text(message, "raw_encoding") != "base64";
  return as_it_came(is_text ? raw : protocol::from_base64(raw).value_or(raw));
}

std::string claimed_device(const Json& refusal) {
  const std::string product_id = member_text(refusal, "product_id");
  const std::string node_eui = member_text(refusal, "node_eui");
  return product_id.empty() || node_eui.empty() ? std::string()
                                                : protocol::device_name(product_id, node_eui);
}

/// Of all, of a product, or of a device.
std::string messages_of(const std::string& scope) {
  if (scope.empty()) return "/messages";
  const bool device = scope.find('.') != std::string::npos;
  return (device ? "/devices/" : "/products/") + scope + "/messages";
}

/// In a block it has no heading that says which number it is.
Cell number_cell(const Json& message, const char* member, const std::string& name) {
  const std::string number = member_text(message, member);
  return {number, Style::plain, number.empty() ? "" : name + " " + number};
}

std::vector<Cell> message_row(const Json& message, bool with_device) {
  std::vector<Cell> row{time_cell(message, "received_at")};
  if (with_device) row.emplace_back(member_text(message, "device"));
  row.insert(
      row.end(),
      {short_topic(member_text(message, "topic")), number_cell(message, "header_ctrl", "ctrl"),
       number_cell(message, "message_id", "id"), payload_of(message), verdict(message)});
  return row;
}

}  // namespace

Handler declare_messages(CLI::App& app) {
  struct Options {
    std::string scope;
    std::string topic;
    std::string verdict;
    StreamOptions stream;
  };
  auto options = std::make_shared<Options>();
  add_product_or_device(app, options->scope);
  add_text(app, "--topic", options->topic, "TOPIC",
           "on this topic, + and # as in MQTT: uplink, model/# · "
           "主题，+、# 同 MQTT：uplink、model/#");
  add_text(app, "--verdict", options->verdict, "VERDICT",
           "accepted, warning, refused, a code (4001) or a requirement (ENC-1) · "
           "判定 accepted、warning、refused，应答码（4001）或条款编号（ENC-1）");
  add_stream_options(app, options->stream);
  return [options](const Context& context) {
    const bool with_device = options->scope.find('.') == std::string::npos;
    std::vector<Column> columns{{time_heading("received_at")}};
    if (with_device) columns.push_back({"device"});
    columns.insert(columns.end(), {{"topic", Yields::first},
                                   {"ctrl"},
                                   {"id"},
                                   {"payload", Yields::first},
                                   {"verdict", Yields::by_lines}});
    return print_stream(context, {.target = messages_of(options->scope),
                                  .whole = "/messages",
                                  .query = {{"since", options->stream.since},
                                            {"until", options->stream.until},
                                            {"topic", options->topic},
                                            {"verdict", options->verdict}},
                                  .limit = options->stream.limit,
                                  .follow = options->stream.follow,
                                  .columns = std::move(columns),
                                  .row = [with_device](const Json& message) {
                                    return message_row(message, with_device);
                                  }});
  };
}

Handler declare_refusals(CLI::App& app) {
  struct Options {
    std::string scope;
    StreamOptions stream;
  };
  auto options = std::make_shared<Options>();
  add_product_or_device(app, options->scope);
  add_stream_options(app, options->stream);
  return [options](const Context& context) {
    const auto name = protocol::parse_device_name(options->scope);
    const Query query{{"product_id", name ? std::string(name->product_id) : options->scope},
                      {"node_eui", name ? std::string(name->node_eui) : std::string()},
                      {"since", options->stream.since},
                      {"until", options->stream.until}};
    const auto row = [](const Json& refusal) {
      const std::string device = claimed_device(refusal);
      return std::vector<Cell>{
          time_cell(refusal, "refused_at"),
          member_text(refusal, "what"),
          device.empty() ? with_visible_blanks(member_text(refusal, "client_id"))
                         : printable::Line(device),
          member_text(refusal, "address"),
          with_visible_blanks(member_text(refusal, "topic")),
          Cell(with_zoned_times(joined(
                   {"✗", member_text(refusal, "requirement"), member_text(refusal, "reason")})),
               Style::bad),
          with_zoned_times(member_text(refusal, "explanation"))};
    };
    return print_stream(context, {.target = "/refusals",
                                  .query = query,
                                  .limit = options->stream.limit,
                                  .follow = options->stream.follow,
                                  .columns = {{time_heading("refused_at")},
                                              {"what"},
                                              {"device"},
                                              {"address"},
                                              {"topic", Yields::by_lines},
                                              {"why", Yields::by_lines},
                                              {"explanation", Yields::by_lines}},
                                  .row = row});
  };
}

}  // namespace xgate::cli
