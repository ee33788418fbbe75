// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "mqtt/client.hpp"

namespace xgate::ingest {

/// Ends what the broker keeps of AUTH- logins that did not ask for a clean session: logs in under
/// the same client id, clean, and leaves. One at a time. Where the device came back meanwhile the
/// broker's plugin refuses it. On the network thread.
class KeptSessions {
 public:
  /// `login`: of the service; client id and session are set here.
  KeptSessions(boost::asio::io_context& io, mqtt::ClientOptions login);
  /// What is too much is left to the broker, which ends it after persistent_client_expiration.
  void end(std::string client_id);
  /// For good: what waits is forgotten.
  void stop();

 private:
  void next();
  void done();

  boost::asio::io_context& io_;
  mqtt::ClientOptions login_;
  bool stopped_ = false;
  std::deque<std::string> waiting_;
  std::unique_ptr<mqtt::Client> client_;
};

}  // namespace xgate::ingest
