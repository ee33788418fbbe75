// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <tl/expected.hpp>

#include "service/api/actions.hpp"
#include "service/config/config.hpp"
#include "service/observe/metrics.hpp"

namespace xgate::api {

/// The HTTP API. Sockets live on the io_context, which one thread runs; handlers run on the
/// server's own threads, each with its own database connection.
class Server {
 public:
  Server(boost::asio::io_context& io, const config::Settings& settings, observe::Metrics& metrics,
         Actions actions);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and serves; an error, in one sentence, where the address cannot be had. The database
  /// need not be there yet: until then requests are answered 503.
  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept;          ///< the bound one, after start()
  std::uint16_t metrics_port() const noexcept;  ///< the same; 0: /metrics is the API's
  /// From any thread: the database gives no answer. What waits for it is answered 503 now.
  void database_hangs();
  /// From any thread: what is parked for one of these looks again (Later::subject).
  void wake(std::vector<std::int64_t> subjects);
  /// On the io_context's thread. Accepts no more, lets running requests finish for a short while,
  /// closes, ends the threads; then `done`, on the io_context's thread.
  void stop(std::function<void()> done);

  class Impl;  ///< public for its sessions only

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace xgate::api
