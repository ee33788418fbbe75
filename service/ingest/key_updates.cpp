// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/key_updates.hpp"

#include <utility>
#include <vector>

#include "protocol/key_rotation.hpp"
#include "protocol/session_key.hpp"
#include "protocol/topic.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::ingest {

flows::KeyUpdatePolicy key_update_policy(const config::Settings& settings) {
  return {settings.keys.tries, {settings.keys.retry_s.begin(), settings.keys.retry_s.end()}};
}

pg::Result<Outbound> take_key_updates(pg::Connection& connection, const std::string& broker,
                                      const flows::KeyUpdatePolicy& policy, std::int64_t now_ms,
                                      observe::Metrics& metrics) {
  const auto due = store::take_due_keys(connection, broker,
                                        {.tries = policy.tries, .retry_s = policy.retry_s}, now_ms);
  if (!due) {
    return tl::unexpected(due.error());
  }
  Outbound out;
  for (const store::DueKey& key : *due) {
    mqtt::Publish command;
    command.topic =
        protocol::build_topic(protocol::TopicName::downlink, protocol::view(key.device));
    command.payload = protocol::build_session_key_update(protocol::new_message_id(), key.seed);
    command.qos = 1;
    out.publishes.push_back(std::move(command));
  }
  metrics.key_updates_sent.Increment(static_cast<double>(due->size()));
  return out;
}

pg::Result<void> replace_expired_keys(pg::Connection& connection, const std::string& broker,
                                      std::int64_t from_ms, std::int64_t to_ms,
                                      observe::Metrics& metrics) {
  const auto expired = store::expired_keys_of_online(connection, broker, from_ms, to_ms);
  if (!expired) {
    return tl::unexpected(expired.error());
  }
  std::vector<store::NewKey> keys;
  for (const store::ExpiredKey& old : *expired) {
    keys.push_back(flows::new_update_key(old.device_id,
                                         {protocol::new_session_id(), protocol::new_nonce()},
                                         old.key_lifetime_s, to_ms, to_ms));
  }
  metrics.keys_issued.Increment(static_cast<double>(keys.size()));
  return store::insert_session_keys(connection, keys);
}

}  // namespace xgate::ingest
