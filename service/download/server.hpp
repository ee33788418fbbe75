// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "service/config/config.hpp"
#include "service/firmware/content_store.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/database.hpp"

namespace xgate::download {

/// OTA-4: firmware over HTTP/1.1, for devices alone. A listener, a network thread and a database
/// connection of its own: however many slow devices there are, the API and the messages do not feel
/// them, and a site can let devices in here without letting them at the API.
class Server {
 public:
  Server(const config::Settings& settings, const firmware::ContentStore& files,
         const store::DatabaseState& database, observe::Metrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and serves; an error, in one sentence, where the address cannot be had.
  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept;  ///< the bound one, after start()
  /// Cuts what is under way: a device goes on from where it is at the next server. Returns soon;
  /// the destructor waits for the threads.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xgate::download
