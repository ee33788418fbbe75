// SPDX-License-Identifier: Apache-2.0
#include "service/app/serve.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "service/api/server.hpp"
#include "service/app/script_worker.hpp"
#include "service/download/server.hpp"
#include "service/firmware/content_store.hpp"
#include "service/ingest/consumer.hpp"
#include "service/ingest/housekeeping.hpp"
#include "service/ingest/ticker.hpp"
#include "service/observe/log.hpp"
#include "service/observe/metrics.hpp"
#include "service/script/pool.hpp"
#include "service/store/durability.hpp"
#include "service/store/own_role.hpp"
#include "service/store/schema.hpp"

namespace xgate::app {
namespace {

constexpr std::chrono::seconds drain_time{10};
constexpr std::chrono::milliseconds ready_look{50};

/// The parts of the service, in the order of their making; their end is the other way round.
class Service {
 public:
  explicit Service(const config::Settings& settings)
      : settings_(settings),
        firmware_(settings.firmware.folder),
        downloads_(settings, firmware_, database_, metrics_),
        scripts_({.command = {"/proc/self/exe", script_worker_word},
                  .limits = {.time_ms = settings.scripts.time_ms,
                             .memory_mb = settings.scripts.memory_mb},
                  .zone = settings.time.zone,
                  .processes = settings.scripts.processes},
                 metrics_),
        consumer_(
            io_, settings, database_, scripts_, metrics_,
            [this](const std::vector<std::int64_t>& ids) { settled(ids); },
            [this](bool taken_over) { housekeeping_.connection_lost(taken_over); }),
        server_(io_, settings, metrics_,
                {.components = [this] { return components(); },
                 .measure = [this] { consumer_.measure(); },
                 .commands_due = [this] { consumer_.commands_due(); },
                 .command_settled = [this](std::int64_t id) { settled({id}); },
                 .command_ttl_s = settings.commands.ttl_s,
                 .scripts = &scripts_,
                 .firmware = &firmware_}),
        housekeeping_(
            settings, database_, consumer_, metrics_,
            {.check_schema = [this](pg::Connection& connection) { return check(connection); },
             .on_wrong_schema = [this](const std::string& why) { fail(why); },
             .firmware = &firmware_,
             .on_may_consume = [this](bool may, std::int64_t fence) { may_consume(may, fence); },
             .on_hang = [this] { server_.database_hangs(); }}),
        ticker_(settings.database.url, database_) {}

  int run() {
    if (const auto ready = firmware_.prepare(); !ready) {
      observe::error("firmware images cannot be kept: {}", observe::Words(ready.error().message));
    }
    wait_for_signal();
    if (const auto started = downloads_.start(); !started) {
      observe::critical("{}", observe::Words(started.error()));
      return EXIT_FAILURE;
    }
    if (const auto started = server_.start(); !started) {
      observe::critical("{}", observe::Words(started.error()));
      return EXIT_FAILURE;
    }
    consumer_.start();
    housekeeping_.start();
    ticker_.start();
    look_for_ready();
    io_.run();
    return status_;
  }

 private:
  std::vector<api::Component> components() const {
    const bool waits = database_.reachable && !housekeeping_.leased();
    const std::string away = waits ? "another service consumes this broker" : "not connected";
    std::vector<api::Component> all;
    all.push_back({"ingest_database", database_.reachable,
                   database_.reachable ? "" : "the database is away"});
    all.push_back({"broker_uplinks", consumer_.uplinks_up(), consumer_.uplinks_up() ? "" : away});
    all.push_back({"broker_auth", consumer_.auth_up(), consumer_.auth_up() ? "" : away});
    all.push_back({"broker_queue", true, consumer_.queue_detail()});
    return all;
  }

  /// What must be so of the database before anything is done with it.
  pg::Result<void> check(pg::Connection& connection) {
    auto fits = store::check_schema(connection);
    if (fits) fits = store::check_durability(connection, settings_.database.allow_unsafe);
    if (fits) fits = store::check_tokens(connection);
    if (fits) warn_of_rights(connection);
    return fits;
  }

  /// Once: it stays so until somebody changes the settings.
  void warn_of_rights(pg::Connection& connection) {
    if (rights_looked_at_) return;
    const auto excess = store::find_excess_rights(connection);
    if (!excess) return;
    rights_looked_at_ = true;
    if (!excess->empty()) observe::warn("{}", observe::Words(*excess));
  }

  /// Commands were settled: whoever waits for one is told.
  void settled(const std::vector<std::int64_t>& command_ids) { server_.wake(command_ids); }

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) {
        return;
      }
      if (stopping_) {
        observe::warn(
            "asked twice: ending at once; what was not acknowledged stays with the broker");
        end_at_once();
      }
      observe::info("ending: what was read is finished first");
      stop();
      wait_for_signal();
    });
  }

  void stop() {
    if (stopping_) {
      return;
    }
    stopping_ = true;
    ready_timer_.cancel();
    deadline_.expires_after(drain_time);
    deadline_.async_wait([](const boost::system::error_code& error) {
      if (!error) {
        observe::warn(
            "not finished in time: ending at once; what was not acknowledged stays with "
            "the broker");
        end_at_once();
      }
    });
    downloads_.stop();
    server_.stop([this] {
      consumer_.drain([this] {
        observe::info("ended");
        io_.stop();
      });
    });
  }

  [[noreturn]] static void end_at_once() {
    observe::end_log();
    std::_Exit(EXIT_FAILURE);
  }

  void fail(const std::string& why) {
    boost::asio::post(io_, [this, why] {
      observe::critical("{}", observe::Words(why));
      status_ = EXIT_FAILURE;
      stop();
    });
  }

  void may_consume(bool may, std::int64_t fence) {
    boost::asio::post(
        io_, [this, may, fence] { may ? consumer_.connect(fence) : consumer_.disconnect(); });
  }

  void look_for_ready() {
    if (database_.reachable && consumer_.uplinks_up() && consumer_.auth_up()) {
      if (server_.metrics_port() != 0) {
        observe::info("metrics on {}:{}", observe::Words(settings_.metrics.address),
                      server_.metrics_port());
      }
      observe::info("ready: broker {}:{}, HTTP on {}:{}, firmware on {}:{}",
                    observe::Words(settings_.broker.host), settings_.broker.port,
                    observe::Words(settings_.http.address), server_.port(),
                    observe::Words(settings_.download.address), downloads_.port());
      return;
    }
    ready_timer_.expires_after(ready_look);
    ready_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        look_for_ready();
      }
    });
  }

  const config::Settings& settings_;
  int status_ = EXIT_SUCCESS;
  bool stopping_ = false;
  bool rights_looked_at_ = false;  ///< housekeeping's thread alone
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGINT, SIGTERM};
  boost::asio::steady_timer deadline_{io_};
  boost::asio::steady_timer ready_timer_{io_};
  observe::Metrics metrics_;
  firmware::ContentStore firmware_;
  store::DatabaseState database_;
  download::Server downloads_;
  script::Pool scripts_;
  ingest::Consumer consumer_;
  api::Server server_;
  ingest::Housekeeping housekeeping_;
  ingest::Ticker ticker_;
};

}  // namespace

int serve(const config::Settings& settings) {
  observe::set_up_log(settings.log.format, settings.log.level);
  Service service(settings);
  return service.run();
}

}  // namespace xgate::app
