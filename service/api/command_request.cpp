// SPDX-License-Identifier: Apache-2.0
#include "service/api/command_request.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/aes.hpp"
#include "protocol/command_payload.hpp"
#include "protocol/json.hpp"
#include "protocol/thing_model.hpp"
#include "protocol/topic.hpp"
#include "service/api/input.hpp"
#include "service/script/engine.hpp"
#include "service/store/models.hpp"
#include "service/store/scripts.hpp"

namespace xgate::api {
namespace {

using nlohmann::json;
using protocol::CommandKind;
using protocol::ProductKind;

constexpr std::int64_t max_ttl_s = 366LL * 24 * 60 * 60;
/// What an MQTT frame of the protocol may have (FRAME-1).
constexpr std::size_t max_payload = std::size_t{256} * 1024 - 1024;

std::optional<CommandKind> applications_kind(std::string_view text) {
  const auto kind = protocol::command_kind_from(text);
  return kind && protocol::is_platforms_own(*kind) ? std::nullopt : kind;
}

Problem invalid(std::string pointer, std::string detail) {
  Problem problem;
  problem.status = 422;
  problem.type = "invalid";
  problem.detail = detail;
  problem.errors.push_back({pointer.empty() ? "/kind" : std::move(pointer), std::move(detail)});
  return problem;
}

void read_params(Input& input, CommandKind kind, json& request) {
  const json* params = input.json("params");
  if (kind == CommandKind::ask) {
    const bool good = params != nullptr && params->is_array() && !params->empty();
    if (!good) return input.refuse("params", "must be a list of identifiers, not an empty one");
    for (const auto& identifier : *params) {
      if (!identifier.is_string() ||
          !protocol::is_identifier(identifier.get_ref<const std::string&>())) {
        return input.refuse("params", "must be a list of identifiers");
      }
    }
  } else if (kind == CommandKind::set) {
    const bool good = params != nullptr && params->is_object() && !params->empty();
    if (!good) return input.refuse("params", "must be an object of values by identifier");
    for (const auto& [identifier, value] : params->items()) {
      if (!protocol::is_identifier(identifier)) {
        return input.refuse("params", "has a name that is not an identifier");
      }
    }
  } else if (params != nullptr && !params->is_object()) {
    return input.refuse("params", "must be an object");
  }
  request["params"] = params == nullptr ? json::object() : *params;
}

void read_members(Input& input, CommandRequest& asked) {
  asked.request = json::object();
  switch (asked.kind) {
    case CommandKind::down:
      if (const json* data = input.json("data")) {
        asked.request["data"] = *data;
      } else {
        input.refuse("data", "is missing");
      }
      break;
    case CommandKind::call:
      input.text("service", asked.service, protocol::is_identifier,
                 "must be an identifier: " + std::string(protocol::identifier_form));
      input.require({"service"});
      [[fallthrough]];
    case CommandKind::set:
    case CommandKind::ask:
      read_params(input, asked.kind, asked.request);
      break;
    case CommandKind::config_set: {
      const json* settings = input.json("settings");
      if (settings == nullptr || !settings->is_object()) {
        input.refuse("settings", "must be an object of names and values");
      } else {
        asked.request["settings"] = *settings;
      }
      break;
    }
    default:
      break;
  }
}

bool is_of_the_model(CommandKind kind) {
  return kind == CommandKind::set || kind == CommandKind::ask || kind == CommandKind::call;
}

/// What the model has no such of: where to look what there is.
std::string unknown(const std::string& reason, const std::string& product_id) {
  return reason + ": `xgate model show " + product_id + "` lists what it has";
}

Problem unfit(const protocol::ThingModel& model, const std::string& property, std::string pointer,
              const std::string& product_id, const protocol::ModelRefusal& why) {
  const bool known = model.property_label(property).has_value();
  return invalid(std::move(pointer), known ? why.reason : unknown(why.reason, product_id));
}

Result<json> fit_set(const protocol::ThingModel& model, const json& params,
                     const std::string& product_id) {
  json fitted = json::object();
  for (const auto& [identifier, value] : params.items()) {
    auto one = model.fit_set(identifier, value);
    if (!one) {
      return tl::unexpected(
          unfit(model, identifier, "/params/" + identifier, product_id, one.error()));
    }
    fitted[identifier] = std::move(one->value);
  }
  return fitted;
}

Result<json> fit_ask(const protocol::ThingModel& model, const json& params,
                     const std::string& product_id) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto& identifier = params[i].get_ref<const std::string&>();
    if (auto may = model.may_ask(identifier); !may) {
      return tl::unexpected(
          unfit(model, identifier, "/params/" + std::to_string(i), product_id, may.error()));
    }
  }
  return params;
}

/// One by one, to tell which of them it is; none of a service's inputs is required.
Result<json> fit_call(const protocol::ThingModel& model, const std::string& service,
                      const json& params, const std::string& product_id) {
  auto fitted = model.fit_call(service, json::object());
  if (!fitted) {
    return tl::unexpected(invalid("/service", unknown(fitted.error().reason, product_id)));
  }
  for (const auto& [name, value] : params.items()) {
    auto one = model.fit_call(service, {{name, value}});
    if (!one) {
      const auto pointer = json::json_pointer("/params") / name;
      return tl::unexpected(invalid(pointer.to_string(), one.error().reason));
    }
    fitted->value.update(one->value);
  }
  return std::move(fitted->value);
}

/// The request's params as the model wants them. What a product without a model is told goes as it
/// is.
Result<json> fit(Context& context, const CommandRequest& asked, const std::string& product_id) {
  const json& params = asked.request.at("params");
  const auto model = store::thing_model(*context.database, product_id);
  if (!model) return tl::unexpected(from_database(model.error()));
  if (*model == nullptr) return params;
  if (asked.kind == CommandKind::set) return fit_set(**model, params, product_id);
  if (asked.kind == CommandKind::ask) return fit_ask(**model, params, product_id);
  return fit_call(**model, asked.service, params, product_id);
}

/// HEX-2: the bytes that the product's script makes of it.
Result<std::string> encode(Context& context, const CommandRequest& asked,
                           const std::string& product_id, std::int64_t message_id) {
  auto program = store::newest_script(*context.database, product_id);
  if (!program) return tl::unexpected(from_database(program.error()));
  if (!*program || context.actions.scripts == nullptr) {
    return tl::unexpected(
        invalid("", "the product speaks HEX and has no parsing script to encode this with"));
  }
  const auto outcome = context.actions.scripts->run_and_wait(
      {.program = std::move(**program),
       .function = script::Call::Function::protocol_to_raw_data,
       .input = protocol::script_input(asked.kind, asked.service, asked.request, message_id),
       .at_ms = clock::unix_ms()});
  const std::string console = outcome.printed.empty() ? "" : "; console: " + outcome.printed;
  if (!outcome.error.empty()) {
    return tl::unexpected(
        invalid("", "the product's script could not encode this: " + outcome.error + console));
  }
  if (outcome.output.empty()) {
    return tl::unexpected(invalid("", "the product's script made no bytes of this" + console));
  }
  return outcome.output;
}

/// As the Payload's JSON text.
std::string hex_payload(std::string_view output, bool upper) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(output.data()), output.size());
  return '"' + (upper ? protocol::to_upper_hex(bytes) : protocol::to_lower_hex(bytes)) + '"';
}

}  // namespace

Result<CommandRequest> parse_command_request(const std::string& body, std::int64_t default_ttl_s) {
  auto input = Input::parse(body);
  if (!input) return tl::unexpected(std::move(input).error());
  CommandRequest asked;
  asked.ttl_s = default_ttl_s;
  std::string kind;
  input->text(
      "kind", kind, [](std::string_view text) { return applications_kind(text).has_value(); },
      R"(must be "down", "set", "ask", "call", "config_get", "config_set" or "firmware_ask")");
  input->boolean("encrypt", asked.encrypt);
  input->number("ttl_s", asked.ttl_s, 1, max_ttl_s);
  input->require({"kind"});
  if (const auto known = applications_kind(kind)) {
    asked.kind = *known;
    read_members(*input, asked);
    if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  }
  // Without a kind nobody can tell which other members are wrong.
  auto problem = kind.empty() ? input->problem() : std::nullopt;
  if (problem) {
    std::erase_if(problem->errors, [](const auto& member) {
      return member.pointer != "/kind" && member.pointer != "/encrypt" &&
             member.pointer != "/ttl_s";
    });
    return tl::unexpected(std::move(*problem));
  }
  return asked;
}

Result<store::NewCommand> build_command(Context& context, const CommandRequest& asked,
                                        const store::Recipient& recipient,
                                        const std::string& product_id) {
  if (asked.encrypt && !recipient.encrypted) {
    return tl::unexpected(invalid(
        "/encrypt", "the product is plain, its devices have no key: leave \"encrypt\" out"));
  }
  const bool of_the_model = is_of_the_model(asked.kind);
  if (of_the_model && recipient.kind == ProductKind::transparent) {
    return tl::unexpected(
        invalid("/kind",
                R"(a transparent product has no properties and services: use kind "down" (ID-6))"));
  }
  const bool hex = recipient.kind == ProductKind::hex;
  CommandRequest fitted = asked;
  if (of_the_model) {
    auto params = fit(context, asked, product_id);
    if (!params) return tl::unexpected(std::move(params).error());
    fitted.request["params"] = std::move(*params);
  }
  store::NewCommand command;
  command.device_id = recipient.device_id;
  command.kind = asked.kind;
  command.service = asked.service;
  command.request = protocol::compact(asked.request);
  const auto route = protocol::command_route(asked.kind, hex, recipient.table_names);
  command.topic = route.topic;
  command.header_ctrl = route.header_ctrl;
  command.encrypt = asked.encrypt;
  command.message_id = protocol::new_command_message_id();
  if (hex && of_the_model) {
    const auto output = encode(context, fitted, product_id, command.message_id);
    if (!output) return tl::unexpected(output.error());
    command.payload = hex_payload(*output, recipient.upper_hex);
  } else {
    command.payload = protocol::command_payload(asked.kind, asked.service, fitted.request);
  }
  // As hex digits of whole blocks (ENC-1), where it is encrypted.
  const auto sent =
      command.encrypt ? (command.payload.size() / 16 + 1) * 32 : command.payload.size();
  if (sent > max_payload) {
    return tl::unexpected(invalid("/kind", "this makes a message of more than 256 KB"));
  }
  return command;
}

}  // namespace xgate::api
