// SPDX-License-Identifier: Apache-2.0
#include "link/control.hpp"

#include "link/members.hpp"
#include "protocol/json.hpp"

namespace xgate::link {

// Found by argument, so they stand in the namespace itself.

template <class Visitor, OneOf<KnowDevice> T>
static void describe(Visitor& visit, T& command) {
  visit("device", command.device);
  visit("device_secret", command.device_secret);
  visit("enabled", command.enabled);
  visit("revision", command.revision);
  visit.optional("registration", command.registration);
}

template <class Visitor, OneOf<Sync> T>
static void describe(Visitor& visit, T& command) {
  visit("sync", command.sync);
}

template <class Visitor, OneOf<Taken> T>
static void describe(Visitor& visit, T& command) {
  visit("epoch", command.epoch);
  visit("messages", command.messages);
  visit("bytes", command.bytes);
  visit.optional("auth", command.auth);
}

template <class Visitor, OneOf<Mark> T>
static void describe(Visitor& /*visit*/, T& /*command*/) {}

namespace {

template <class Use>
auto with_command_kinds(const Use& use) {
  return use(Named<KnowDevice>{"know_device"}, Named<Sync>{"sync"}, Named<Taken>{"taken"},
             Named<Mark>{"mark"});
}

constexpr protocol::JsonLimits command_limits{.max_bytes = 4096, .max_depth = 4};

}  // namespace

std::string encode(const Command& command) {
  std::string text;
  with_command_kinds([&](const auto&... kinds) { write_variant(text, command, kinds...); });
  return text;
}

tl::expected<Command, std::string> decode_command(std::string_view json) {
  const auto object = protocol::parse_json(json, command_limits);
  if (!object) return tl::make_unexpected(object.error());
  return with_command_kinds(
      [&](const auto&... kinds) { return read_variant<Command>(*object, kinds...); });
}

}  // namespace xgate::link
