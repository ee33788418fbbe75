// SPDX-License-Identifier: Apache-2.0
#include "service/observe/metrics.hpp"

#include <algorithm>

#include <prometheus/text_serializer.h>

#include "link/limits.hpp"

namespace xgate::observe {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

Buckets sizes() { return {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000}; }
Buckets durations() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
}

constexpr auto messages_name = "xgate_messages_total";
constexpr auto messages_help = "Messages of devices that were decided on, by topic and verdict";
constexpr auto refusals_name = "xgate_refusals_total";
constexpr auto refusals_help = "What the broker refused";
constexpr auto unregistered_name = "xgate_registrations_refused_total";
constexpr auto unregistered_help = "Devices that were not let to register themselves, by limit";
constexpr auto scripts_name = "xgate_script_calls_total";
constexpr auto scripts_help = "Calls of parsing scripts";
constexpr auto connected_name = "xgate_broker_connected";
constexpr auto connected_help = "Whether a connection to the broker is up";

}  // namespace

std::string_view to_string(Limit limit) noexcept {
  switch (limit) {
    case Limit::http_places:
      return "LIMIT-10";
    case Limit::header_time:
      return "LIMIT-11";
    case Limit::download_places:
      break;
  }
  return "LIMIT-12";
}

prometheus::Counter& Metrics::counter(const char* name, const char* help,
                                      const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}
prometheus::Gauge& Metrics::gauge(const char* name, const char* help,
                                  const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}
prometheus::Histogram& Metrics::histogram(const char* name, const char* help,
                                          const Buckets& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add({}, buckets);
}

Metrics::Metrics()
    : batch_messages(histogram("xgate_batch_messages", "Messages in a batch", sizes())),
      batch_seconds(histogram("xgate_batch_seconds", "From taking a batch to its acknowledgements",
                              durations())),
      commit_seconds(histogram("xgate_commit_seconds", "One COMMIT of a batch", durations())),
      batches_failed(counter("xgate_batches_failed_total",
                             "Batches that the database did not take and that are tried again")),
      given_up(counter("xgate_messages_given_up_total",
                       "Messages that could not be stored as they came, and were acknowledged")),
      redelivered(counter("xgate_messages_redelivered_total",
                          "Messages that the broker delivered again, or may have")),
      logins(counter("xgate_presence_events_total", "Devices that came and went",
                     {{"event", "online"}})),
      logouts(counter("xgate_presence_events_total", "Devices that came and went",
                      {{"event", "offline"}})),
      devices_online(gauge("xgate_devices_online", "Devices that are online now")),
      refused_logins(counter(refusals_name, refusals_help, {{"what", "login"}})),
      refused_publishes(counter(refusals_name, refusals_help, {{"what", "publish"}})),
      refused_subscriptions(counter(refusals_name, refusals_help, {{"what", "subscribe"}})),
      broker_dropped(counter("xgate_broker_dropped_total",
                             "Messages that the broker dropped for the service, whose queue was "
                             "full")),
      refusals_untold(counter("xgate_refusals_untold_total",
                              "Refusals of clients that made too many to tell each")),
      login_backoffs(counter("xgate_logins_too_early_total",
                             "Logins refused because too many had failed before")),
      token_backoffs(
          counter("xgate_token_backoffs_total", "Wrong tokens after which an address has to wait")),
      doubtful_auth(counter("xgate_auth_of_live_devices_total",
                            "Good auth requests for a device that is online, or was activated and "
                            "last logged in from another address")),
      registrations_over_quota(counter(unregistered_name, unregistered_help, {{"limit", "quota"}})),
      registrations_over_rate(counter(unregistered_name, unregistered_help, {{"limit", "rate"}})),
      keys_issued(counter("xgate_session_keys_issued_total", "Session keys issued")),
      script_results(counter(scripts_name, scripts_help, {{"outcome", "result"}})),
      script_errors(counter(scripts_name, scripts_help, {{"outcome", "error"}})),
      script_not_run(counter(scripts_name, scripts_help, {{"outcome", "not_run"}})),
      script_limits(counter("xgate_script_limits_total", "Calls that ran over a limit")),
      script_processes_lost(counter("xgate_script_processes_lost_total",
                                    "Script processes that ended during a call")),
      broker_uplinks_connected(gauge(connected_name, connected_help, {{"connection", "uplinks"}})),
      broker_auth_connected(gauge(connected_name, connected_help, {{"connection", "auth"}})),
      database_connected(gauge("xgate_database_connected", "Whether the database answers")),
      database_errors(counter("xgate_database_errors_total", "Statements that failed")),
      http_seconds(
          histogram("xgate_http_request_seconds", "From a request to its answer", durations())),
      http_connections(gauge("xgate_http_connections", "HTTP connections that are open")),
      download_connections(
          gauge("xgate_download_connections", "Connections for firmware that are open")),
      download_bytes(counter("xgate_download_bytes_total", "Bytes of firmware that were sent")),
      download_unknown(counter("xgate_download_unknown_total",
                               "Download requests with a DownID that no upgrade has")),
      download_held_off(
          counter("xgate_download_held_off_total",
                  "Download requests refused because their address tried too many such DownIDs")) {
  for (const auto& row : protocol::topic_table()) {
    std::array<prometheus::Counter*, 2> pair{};
    const std::string topic(protocol::to_string(row.name));
    if (row.verb == protocol::DeviceVerb::publish) {
      pair[0] = &counter(messages_name, messages_help, {{"topic", topic}, {"verdict", "accepted"}});
      pair[1] = &counter(messages_name, messages_help, {{"topic", topic}, {"verdict", "refused"}});
    }
    messages_.push_back(pair);
  }
  // What no device may publish, and what is no topic of ours, shares one label.
  messages_.push_back(
      {&counter(messages_name, messages_help, {{"topic", "other"}, {"verdict", "accepted"}}),
       &counter(messages_name, messages_help, {{"topic", "other"}, {"verdict", "refused"}})});
  for (std::size_t code = 0; code < auth_replies_.size(); ++code) {
    auth_replies_.at(code) = &counter("xgate_auth_replies_total", "Auth replies by Code (AUTH-6)",
                                      {{"code", std::to_string(code)}});
  }
  const auto count_limit = [&](std::string_view requirement) {
    limit_exceeded_.emplace(requirement,
                            &counter("xgate_limit_exceeded_total",
                                     "What was beyond a limit (LIMIT-n), by its requirement",
                                     {{"requirement", std::string(requirement)}}));
  };
  for (std::size_t i = 0; i < link::limit_count; ++i) {
    count_limit(link::requirement(static_cast<link::Limit>(i)));
  }
  for (std::size_t i = 0; i < limit_count; ++i) count_limit(to_string(static_cast<Limit>(i)));
  for (const auto kind : protocol::all_command_kinds()) {
    auto& states = commands_.emplace_back();
    for (const auto state : protocol::all_command_states()) {
      states.push_back(&counter("xgate_commands_total", "Commands that came into a state",
                                {{"kind", std::string(protocol::to_string(kind))},
                                 {"state", std::string(protocol::to_string(state))}}));
    }
  }
  for (std::size_t i = 0; i < http_responses_.size(); ++i) {
    http_responses_.at(i) =
        &counter("xgate_http_responses_total", "HTTP answers by class of status",
                 {{"status", std::to_string(i + 2) + "xx"}});
  }
}

prometheus::Counter& Metrics::limit_exceeded(std::string_view requirement) {
  return *limit_exceeded_.at(requirement);
}

prometheus::Counter& Metrics::messages(std::optional<protocol::TopicName> topic, Verdict verdict) {
  const auto which = static_cast<std::size_t>(verdict);
  if (topic) {
    auto* known = messages_.at(static_cast<std::size_t>(*topic)).at(which);
    if (known != nullptr) return *known;
  }
  return *messages_.back().at(which);
}

prometheus::Counter& Metrics::auth_replies(protocol::AuthCode code) {
  return *auth_replies_.at(static_cast<std::size_t>(code));
}

prometheus::Counter& Metrics::commands(protocol::CommandKind kind, protocol::CommandState state) {
  return *commands_.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(state));
}

prometheus::Counter& Metrics::http_responses(int status) {
  const int hundred = std::clamp(status / 100, 2, static_cast<int>(http_responses_.size()) + 1);
  return *http_responses_.at(static_cast<std::size_t>(hundred - 2));
}

prometheus::Gauge& Metrics::queue_messages(const std::string& worker) {
  return gauge("xgate_queue_messages", "Messages that were received and are not stored yet",
               {{"worker", worker}});
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace xgate::observe
