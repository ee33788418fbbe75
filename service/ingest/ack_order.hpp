// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "mqtt/message.hpp"

namespace xgate::ingest {

/// Puts the acknowledgements of several workers into the order of arrival, as MQTT asks
/// [MQTT-4.6.0-2]. It pays: the broker looks for each acknowledged message from the front of all
/// that are in flight, and with thousands of them out of order it does nothing else any more.
class AckOrder {
 public:
  void arrived(mqtt::AckToken token) {
    if (token.packet_id == 0) {
      return;  // QoS 0: nothing to acknowledge
    }
    if (token.connection != connection_) {
      connection_ = token.connection;  // the broker sends again what the last one left open
      waiting_.clear();
      place_.clear();
    }
    place_[token.packet_id] = first_ + waiting_.size();
    waiting_.push_back({token, false});
  }

  /// `token` is done with: what may be sent now is appended to `ready`.
  void done(mqtt::AckToken token, std::vector<mqtt::AckToken>& ready) {
    const auto found = place_.find(token.packet_id);
    if (token.connection != connection_ || found == place_.end()) {
      return;
    }
    waiting_[found->second - first_].done = true;
    while (!waiting_.empty() && waiting_.front().done) {
      ready.push_back(waiting_.front().token);
      place_.erase(waiting_.front().token.packet_id);
      waiting_.pop_front();
      ++first_;
    }
  }

 private:
  struct Waiting {
    mqtt::AckToken token;
    bool done = false;
  };
  std::uint64_t connection_ = 0;
  std::uint64_t first_ = 0;  ///< the number of the front
  std::deque<Waiting> waiting_;
  std::unordered_map<std::uint16_t, std::uint64_t> place_;
};

}  // namespace xgate::ingest
