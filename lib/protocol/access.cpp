// SPDX-License-Identifier: Apache-2.0
#include "protocol/access.hpp"

#include "protocol/topic.hpp"

namespace xgate::protocol {
namespace {

constexpr std::string_view section = "TOPIC";

constexpr Decision not_a_row =
    refused(section, "the protocol has no such topic: see the table of section 2.3");

/// The row that a topic of another identity is of: what follows "/sys/O/P/N/" says it.
std::string_view row_below(std::string_view topic) noexcept {
  constexpr int levels = 5;
  for (int i = 0; i < levels; ++i) {
    const auto slash = topic.find('/');
    if (slash == std::string_view::npos) return section;
    topic.remove_prefix(slash + 1);
  }
  const auto match = match_filter_suffix(topic);
  return match ? row_of(match->name).requirement : section;
}

/// What is wrong with a topic or filter that does not begin with the device's own "/sys/O/P/N/".
Decision outside(std::string_view topic) noexcept {
  if (topic.starts_with("/sys/")) {
    return refused(row_below(topic),
                   "not below the device's own /sys/OpenID/ProductID/NodeEui: another identity, "
                   "or a wildcard in its place");
  }
  if (topic.starts_with("sys/")) {
    return refused(section, "the topic lacks its leading slash: it begins with /sys/");
  }
  return refused(section, "not below the device's own /sys/OpenID/ProductID/NodeEui");
}

}  // namespace

Rights::Rights(Role role, const IdentityView& id, bool may_ask_auth, bool allow_hash)
    : role_(role),
      may_ask_auth_(may_ask_auth),
      allow_hash_(allow_hash),
      identity_(id.owned()),
      root_(topic_root(id) + '/') {}

Decision Rights::may_publish(std::string_view topic) const noexcept {
  if (topic == auth_topic) {
    if (role_ == Role::auth || may_ask_auth_) return allowed;
    return refused("TOPIC-2",
                   "a V2_ login may ask for authentication only where its product is encrypted or "
                   "of type 2: log in with the AUTH- credentials");
  }
  if (role_ == Role::auth) {
    return refused("AUTH-2",
                   "an AUTH- login may publish to /sys/device/auth only: log in with the V2_ "
                   "credentials to report");
  }
  if (!topic.starts_with(root_)) return outside(topic);
  const auto match = match_suffix(topic.substr(root_.size()));
  if (!match) return not_a_row;
  const auto& row = row_of(match->name);
  if (row.verb == DeviceVerb::publish) return allowed;
  return refused(row.requirement, "on this topic the platform publishes and the device subscribes");
}

Decision Rights::may_subscribe(std::string_view filter) const noexcept {
  if (filter.starts_with("$share/")) {
    return refused(section, "a device may not use shared subscriptions ($share)");
  }
  const bool own = filter.starts_with(root_);
  const auto suffix = own ? filter.substr(root_.size()) : std::string_view();
  if (role_ == Role::auth) {
    if (own && suffix == row_of(TopicName::downlink).suffix) return allowed;
    return refused("AUTH-2",
                   "an AUTH- login may subscribe to its own /sys/OpenID/ProductID/NodeEui/downlink "
                   "only, without wildcards");
  }
  if (!own) return outside(filter);
  if (suffix == "+") return allowed;
  if (suffix == "#" || suffix.ends_with("/#")) {
    if (allow_hash_) return allowed;
    return refused(section,
                   "# is not a filter of the protocol: subscribe to + or to single topics, or "
                   "switch allow_hash on for the product");
  }
  const auto match = match_filter_suffix(suffix);
  if (!match) return not_a_row;
  const auto& row = row_of(match->name);
  if (row.verb == DeviceVerb::subscribe) return allowed;
  return refused(row.requirement, "on this topic the device publishes: it cannot be subscribed to");
}

Decision Rights::may_receive(std::string_view topic) const noexcept {
  if (!topic.starts_with(root_)) return outside(topic);
  const auto match = match_suffix(topic.substr(root_.size()));
  if (!match) return not_a_row;
  if (role_ == Role::auth && match->name != TopicName::downlink) {
    return refused("AUTH-2", "an AUTH- login receives auth replies on its downlink only");
  }
  const auto& row = row_of(match->name);
  if (row.verb == DeviceVerb::subscribe) return allowed;
  return refused(row.requirement, "on this topic the device publishes: nothing is delivered to it");
}

}  // namespace xgate::protocol
