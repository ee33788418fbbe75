// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "protocol/auth.hpp"
#include "protocol/command.hpp"
#include "protocol/topic.hpp"

namespace xgate::observe {

enum class Verdict : std::uint8_t { accepted, refused };

/// What a client can use up; each has an id (LIMIT-n), a setting and a test.
enum class Limit : std::uint8_t {
  http_places,      ///< LIMIT-10: connections to the API, and to /metrics
  header_time,      ///< LIMIT-11: until the whole header of a request is here
  download_places,  ///< LIMIT-12: connections for firmware
};
inline constexpr std::size_t limit_count = 3;
/// "LIMIT-10".
std::string_view to_string(Limit limit) noexcept;

/// Everything that is counted. The handles are looked up once, here; bumping one is an atomic
/// addition, from any thread. No label ever carries an identity or a secret.
class Metrics {
 public:
  Metrics();

  /// A message that was decided on, by its topic's row; nothing: on a topic of no row.
  prometheus::Counter& messages(std::optional<protocol::TopicName> topic, Verdict verdict);
  prometheus::Counter& auth_replies(protocol::AuthCode code);
  /// What was beyond a limit, told one by one or not. `requirement`: "LIMIT-1", of one that there
  /// is.
  prometheus::Counter& limit_exceeded(std::string_view requirement);
  /// Made when it is first asked for.
  prometheus::Gauge& queue_messages(const std::string& worker);

 private:
  prometheus::Registry registry_;
  // The families below are made by this; it must come before them.
  prometheus::Counter& counter(const char* name, const char* help,
                               const prometheus::Labels& labels = {});
  prometheus::Gauge& gauge(const char* name, const char* help,
                           const prometheus::Labels& labels = {});
  prometheus::Histogram& histogram(const char* name, const char* help,
                                   const prometheus::Histogram::BucketBoundaries& buckets);

 public:
  // ingest
  prometheus::Histogram& batch_messages;  ///< messages in a batch
  prometheus::Histogram& batch_seconds;   ///< from taken to acknowledged
  prometheus::Histogram& commit_seconds;  ///< COMMIT alone
  prometheus::Counter& batches_failed;    ///< tried again, for the database was away
  prometheus::Counter& given_up;          ///< messages that could not be stored
  prometheus::Counter& redelivered;
  // presence and the broker's words
  prometheus::Counter& logins;
  prometheus::Counter& logouts;
  prometheus::Gauge& devices_online;
  prometheus::Counter& refused_logins;
  prometheus::Counter& refused_publishes;
  prometheus::Counter& refused_subscriptions;
  prometheus::Counter& broker_dropped;   ///< for the service, its queue being full
  prometheus::Counter& refusals_untold;  ///< RefusalsDropped
  prometheus::Counter&
      login_backoffs;  ///< of the refused logins: came before their next try counts
  prometheus::Counter& token_backoffs;
  prometheus::Counter& doubtful_auth;  ///< AUTH-11: of live devices, perhaps by somebody else
  prometheus::Counter& registrations_over_quota;  ///< AUTH-7: devices that were not registered
  prometheus::Counter& registrations_over_rate;
  // session keys
  prometheus::Counter& keys_issued;
  // parsing scripts (HEX-4)
  prometheus::Counter& script_results;
  prometheus::Counter& script_errors;
  prometheus::Counter& script_not_run;  ///< refused: the script keeps running over its limits
  prometheus::Counter& script_limits;   ///< of these errors: ran over a limit
  prometheus::Counter& script_processes_lost;
  /// Commands that came into a state.
  prometheus::Counter& commands(protocol::CommandKind kind, protocol::CommandState state);
  // connections: 1 up, 0 down
  prometheus::Gauge& broker_uplinks_connected;
  prometheus::Gauge& broker_auth_connected;
  prometheus::Gauge& database_connected;
  prometheus::Counter& database_errors;
  // HTTP
  prometheus::Histogram& http_seconds;
  prometheus::Gauge& http_connections;
  prometheus::Counter& http_responses(int status);
  // firmware downloads (OTA-4)
  prometheus::Gauge& download_connections;
  prometheus::Counter& download_bytes;
  prometheus::Counter& download_unknown;   ///< answered 404: no upgrade has the DownID
  prometheus::Counter& download_held_off;  ///< answered 429 after too many of these

  /// For GET /metrics, in Prometheus' text format.
  std::string text() const;

 private:
  std::vector<std::array<prometheus::Counter*, 2>> messages_;  ///< by TopicName; the last: no row
  std::array<prometheus::Counter*, 7> auth_replies_{};
  std::map<std::string_view, prometheus::Counter*> limit_exceeded_;  ///< by requirement
  std::vector<std::vector<prometheus::Counter*>> commands_;          ///< by kind, then state
  std::array<prometheus::Counter*, 4> http_responses_{};             ///< from 2xx
};

}  // namespace xgate::observe
