// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/identity.hpp"
#include "protocol/json.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/command_request.hpp"
#include "service/api/handlers.hpp"
#include "service/api/input.hpp"
#include "service/api/permission.hpp"
#include "service/store/registry.hpp"

namespace xgate::api {
namespace {

using protocol::CommandKind;
using protocol::CommandState;

constexpr int max_wait_s = 60;

Json command_json(const store::CommandRecord& command, store::Role role) {
  const std::string service = command.service.value_or("");
  // A device confirms an upgrade by its DownID.
  const bool shows_result = command.kind != CommandKind::ota_notify || sees_down_ids(role);
  return {{"command_id", command.command_id},
          {"device", protocol::device_name(command.device.product_id, command.device.node_eui)},
          {"kind", std::string(protocol::to_string(command.kind))},
          {"service", or_null(command.service)},
          {"request", stored_json(command.request)},
          {"encrypt", command.encrypt},
          {"topic", protocol::build_topic(command.topic, protocol::view(command.device), service)},
          {"message_id", command.message_id},
          {"header_ctrl", command.header_ctrl},
          {"state", std::string(protocol::to_string(command.state))},
          {"waiting_for", command.waiting_for
                              ? Json(std::string(protocol::to_string(*command.waiting_for)))
                              : Json(nullptr)},
          {"code", or_null(command.code)},
          {"result", shows_result ? stored_json(command.result) : Json()},
          {"reason", or_null(command.reason)},
          {"tries", command.tries},
          {"answers", command.answers},
          {"created_at", command.created_at},
          {"expires_at", command.expires_at},
          {"sent_at", or_null(command.sent_at)},
          {"received_at", or_null(command.received_at)},
          {"settled_at", or_null(command.settled_at)}};
}

struct CommandTarget {
  DevicePath device;
  store::Recipient recipient;
};
/// The path's P.N, where there is such a device.
Result<CommandTarget> target_of(Context& context, const Request& request) {
  auto device = device_of_path(request);
  if (!device) return tl::unexpected(device.error());
  auto found = store::find_recipient(*context.database, device->product_id, device->node_eui);
  if (!found) return tl::unexpected(from_database(found.error()));
  if (!*found) return tl::unexpected(not_found("there is no device " + request.parameters.at(0)));
  return CommandTarget{std::move(*device), std::move(**found)};
}

/// What is disabled is sent nothing: a command for it would only expire.
Result<void> check_enabled(const CommandTarget& target) {
  if (!target.recipient.disabled) return {};
  const auto& open_id = target.recipient.open_id;
  const auto& [product_id, node_eui] = target.device;
  switch (*target.recipient.disabled) {
    case protocol::WaitingFor::vendor_enabled:
      return tl::unexpected(conflict("vendor " + open_id +
                                     " is disabled, and its devices are sent nothing: " +
                                     "`xgate vendor set " + open_id + " --enabled on` enables it"));
    case protocol::WaitingFor::product_enabled:
      return tl::unexpected(
          conflict("product " + product_id + " is disabled, and its devices are sent nothing: " +
                   "`xgate product set " + product_id + " --enabled on` enables it"));
    default:
      const auto name = protocol::device_name(product_id, node_eui);
      return tl::unexpected(conflict("device " + name + " is disabled, and is sent nothing: " +
                                     "`xgate device enable " + name + "` enables it"));
  }
}

Problem no_command(std::string_view id) {
  return not_found("there is no command " + std::string(id));
}

Result<store::CommandRecord> load(Context& context, std::int64_t command_id) {
  auto command = store::find_command(*context.database, command_id);
  if (!command) return tl::unexpected(from_database(command.error()));
  if (!*command) return tl::unexpected(no_command(std::to_string(command_id)));
  return std::move(**command);
}

Result<store::CommandRecord> load_named(Context& context, const Request& request) {
  const auto& text = request.parameters.at(0);
  const auto id = number_from<std::int64_t>(text);
  if (!id) return tl::unexpected(no_command(text));
  return load(context, *id);
}

/// 0: do not wait.
Result<int> wait_of(const Request& request) {
  const auto text = request.query_value("wait");
  if (!text) return 0;
  const auto seconds = number_from<int>(*text);
  if (!seconds || *seconds < 0 || *seconds > max_wait_s) {
    return tl::unexpected(bad_request("wait must be a whole number of seconds from 0 to 60"));
  }
  return *seconds;
}

/// `fresh`: this request has made the command, which 201 tells until it is settled.
Response command_shown(const store::CommandRecord& command, store::Role role, bool fresh) {
  auto response = json_response(command_json(command, role), fresh ? 201 : 200);
  if (fresh) {
    response.headers.emplace_back("Location",
                                  "/api/v1/commands/" + std::to_string(command.command_id));
  }
  return response;
}

/// The answer once the command is settled, or when the wait is over.
Response when_settled(const store::CommandRecord& command, store::Role role, bool fresh,
                      int wait_s) {
  auto response = command_shown(command, role, fresh);
  if (protocol::is_settled(command.state) || wait_s == 0) return response;
  response.later = std::make_shared<Later>();
  response.later->subject = command.command_id;
  response.later->patience = std::chrono::seconds(wait_s);
  response.later->look = [id = command.command_id, role, fresh](
                             pg::Connection& database, bool last) -> std::optional<Response> {
    const auto now = store::find_command(database, id);
    if (!now) return std::nullopt;
    if (!*now) return to_response(no_command(std::to_string(id)));  // its device was deleted
    if (protocol::is_settled((*now)->state)) return command_shown(**now, role, false);
    return last ? std::optional(command_shown(**now, role, fresh)) : std::nullopt;
  };
  return response;
}

/// The answer to a request whose key was used before.
Result<Response> repeated(const store::CommandRecord& known, const CommandRequest& asked,
                          store::Role role, int wait_s) {
  const bool same = known.kind == asked.kind && known.service.value_or("") == asked.service &&
                    known.request.value_or("") == protocol::compact(asked.request) &&
                    known.encrypt == asked.encrypt && known.ttl_s == asked.ttl_s;
  if (same) return when_settled(known, role, false, wait_s);
  Problem problem;
  problem.status = 422;
  problem.type = "invalid";
  problem.detail = "this Idempotency-Key was used for another command, " +
                   std::to_string(known.command_id) + ": take a new key for a new request";
  return tl::unexpected(std::move(problem));
}

/// What a command's request names: of {"settings": {"WifiPassword": …}} "WifiPassword", and what is
/// asked for by identifiers. So many bytes of it at most.
Json names_in(const Json& request) {
  constexpr std::size_t most = 1024;
  std::size_t bytes = 0;
  Json names = Json::array();
  for (const auto& member : request.items()) {
    const Json& value = member.value();
    const bool listed = member.key() == "params" && value.is_array();
    if (!listed && !value.is_object()) continue;
    for (const auto& named : value.items()) {
      const Json name = listed ? named.value() : Json(named.key());
      bytes += name.is_string() ? name.get_ref<const std::string&>().size() : most;
      if (bytes > most) return names;
      names.push_back(name);
    }
  }
  return names;
}

/// What the audit list tells of a command. Its values may be secrets (a device's settings), and the
/// list keeps what it is told for years.
Json audited_command(const store::CommandRecord& command) {
  return {{"command_id", command.command_id},
          {"kind", std::string(protocol::to_string(command.kind))},
          {"service", or_null(command.service)},
          {"state", std::string(protocol::to_string(command.state))},
          {"names", names_in(stored_json(command.request))},
          {"request_bytes", command.request.value_or("").size()}};
}

Result<Response> queue(Context& context, const Request& request, const CommandRequest& asked,
                       store::NewCommand command, int wait_s) {
  command.idempotency_key = request.idempotency_key;
  command.created_at_ms = clock::unix_ms();
  command.expires_at_ms = command.created_at_ms + asked.ttl_s * 1000;
  const auto queued = store::queue_command(*context.database, command);
  if (!queued) return tl::unexpected(from_database(queued.error()));
  using Outcome = store::Queued::Outcome;
  if (queued->outcome == Outcome::device_gone) {
    return tl::unexpected(not_found("there is no device " + request.parameters.at(0)));
  }
  if (queued->outcome == Outcome::full) {
    return tl::unexpected(conflict(std::to_string(store::open_commands_most) +
                                   " commands wait for this device already"));
  }
  const bool fresh = queued->outcome == Outcome::queued;
  if (fresh) {
    context.once_committed.emplace_back([&context, kind = command.kind] {
      context.metrics.commands(kind, CommandState::queued).Increment();
      if (context.actions.commands_due) context.actions.commands_due();
    });
  }
  const auto stored = load(context, queued->command_id);
  if (!stored) return tl::unexpected(stored.error());
  context.change.none = !fresh;
  note_change(context, nullptr, audited_command(*stored));
  return fresh ? Result<Response>(when_settled(*stored, request.caller.role, true, wait_s))
               : repeated(*stored, asked, request.caller.role, wait_s);
}

struct CommandListQuery {
  store::CommandPage page;
  int limit = 0;
};
Result<CommandListQuery> read_list(const Request& request) {
  const auto query = parse_list_query(request, {"state", "open"});
  if (!query) return tl::unexpected(query.error());
  CommandListQuery wanted;
  wanted.limit = query->limit;
  wanted.page.limit = query->limit + 1;
  if (const auto state = request.query_value("state")) {
    wanted.page.state = protocol::command_state_from(*state);
    if (!wanted.page.state) {
      return tl::unexpected(
          bad_request("state must be queued, sent, received, done, failed, expired or cancelled"));
    }
  }
  if (const auto open = request.query_value("open")) {
    wanted.page.open = *open == "true";
    if (!wanted.page.open && *open != "false") {
      return tl::unexpected(bad_request("open must be true or false"));
    }
  }
  if (!query->cursor.empty()) {
    wanted.page.before = number_of(query->cursor);
    if (!wanted.page.before) {
      return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
    }
  }
  return wanted;
}

Response list_of(const std::vector<store::CommandRecord>& commands, int limit, store::Role role) {
  return list_response(
      commands, limit,
      [role](const store::CommandRecord& command) { return command_json(command, role); },
      [](const store::CommandRecord& command) { return std::to_string(command.command_id); });
}

}  // namespace

Result<Response> create_command(Context& context, const Request& request) {
  if (auto known = check_query(request, {"wait"}); !known) return tl::unexpected(known.error());
  const auto wait_s = wait_of(request);
  if (!wait_s) return tl::unexpected(wait_s.error());
  const auto target = target_of(context, request);
  if (!target) return tl::unexpected(target.error());
  const auto asked = parse_command_request(request.body, context.actions.command_ttl_s);
  if (!asked) return tl::unexpected(asked.error());
  if (!request.idempotency_key.empty()) {
    const auto known = store::find_command_by_key(*context.database, target->recipient.device_id,
                                                  request.idempotency_key);
    if (!known) return tl::unexpected(from_database(known.error()));
    context.change.none = known->has_value();
    if (*known) return repeated(**known, *asked, request.caller.role, *wait_s);
  }
  if (auto enabled = check_enabled(*target); !enabled) return tl::unexpected(enabled.error());
  auto command = build_command(context, *asked, target->recipient, target->device.product_id);
  if (!command) return tl::unexpected(command.error());
  return queue(context, request, *asked, std::move(*command), *wait_s);
}

Result<Response> list_commands(Context& context, const Request& request) {
  const auto query = read_list(request);
  if (!query) return tl::unexpected(query.error());
  const auto target = target_of(context, request);
  if (!target) return tl::unexpected(target.error());
  const auto commands =
      store::list_commands(*context.database, target->recipient.device_id, query->page);
  if (!commands) return tl::unexpected(from_database(commands.error()));
  return list_of(*commands, query->limit, request.caller.role);
}

Result<Response> list_product_commands(Context& context, const Request& request) {
  const auto query = read_list(request);
  if (!query) return tl::unexpected(query.error());
  if (!query->page.open) {
    return tl::unexpected(bad_request(
        "open must be true: of a product the open commands are listed, the others by device"));
  }
  const auto& product_id = request.parameters.at(0);
  auto& database = *context.database;
  const auto commands = store::list_open_commands(database, product_id, query->page);
  if (!commands) return tl::unexpected(from_database(commands.error()));
  if (commands->empty()) {
    const auto product = store::find_product(database, product_id);
    if (!product) return tl::unexpected(from_database(product.error()));
    if (!*product) return tl::unexpected(no_product(product_id));
  }
  return list_of(*commands, query->limit, request.caller.role);
}

Result<Response> get_command(Context& context, const Request& request) {
  if (auto known = check_query(request, {"wait"}); !known) return tl::unexpected(known.error());
  const auto wait_s = wait_of(request);
  if (!wait_s) return tl::unexpected(wait_s.error());
  const auto command = load_named(context, request);
  if (!command) return tl::unexpected(command.error());
  return when_settled(*command, request.caller.role, false, *wait_s);
}

Result<Response> cancel_command(Context& context, const Request& request) {
  const auto command = load_named(context, request);
  if (!command) return tl::unexpected(command.error());
  if (protocol::is_platforms_own(command->kind)) {
    return tl::unexpected(conflict(command->kind == CommandKind::ota_notify
                                       ? "this command is the platform's own: an upgrade is "
                                         "cancelled as a whole"
                                       : "this command is the platform's own: it ends when the "
                                         "device uses the new key, or gets a newer one"));
  }
  const auto cancelled =
      store::cancel_command(*context.database, command->command_id, clock::unix_ms());
  if (!cancelled) return tl::unexpected(from_database(cancelled.error()));
  const auto now = load(context, command->command_id);
  if (!now) return tl::unexpected(now.error());
  if (!*cancelled) {
    return tl::unexpected(conflict("command " + std::to_string(now->command_id) + " is " +
                                   std::string(protocol::to_string(now->state)) + " already"));
  }
  context.once_committed.emplace_back([&context, kind = now->kind, id = now->command_id] {
    context.metrics.commands(kind, CommandState::cancelled).Increment();
    if (context.actions.command_settled) context.actions.command_settled(id);
  });
  context.change.product_id = now->device.product_id;
  context.change.node_eui = now->device.node_eui;
  note_change(context, audited_command(*command), audited_command(*now));
  return json_response(command_json(*now, request.caller.role));
}

Result<Response> get_config(Context& context, const Request& request) {
  const auto target = target_of(context, request);
  if (!target) return tl::unexpected(target.error());
  const auto config = store::find_config(*context.database, target->recipient.device_id);
  if (!config) return tl::unexpected(from_database(config.error()));
  const auto& name = request.parameters.at(0);
  if (!*config) {
    return tl::unexpected(not_found(name + " has not reported its settings yet (CONF-1)"));
  }
  return json_response({{"device", name},
                        {"settings", stored_json((*config)->settings)},
                        {"reported_at", (*config)->reported_at}});
}

}  // namespace xgate::api
