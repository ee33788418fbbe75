// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/commands.hpp"

namespace xgate::ingest {

/// A database with one device of an encrypted product, and what a worker has at hand.
class IngestDatabase : public ::testing::Test {
 protected:
  static constexpr std::string_view root = "/sys/7ED01E2A/AA30C505/dev1/";

  IngestDatabase() : conninfo_(fakes::PostgresCluster::shared().create_database()) {
    const auto migrated = app::migrate(conninfo_, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    connection_.emplace(pg::Connection::open(conninfo_).value());
    run("INSERT INTO vendor (open_id, name) VALUES ('7ED01E2A', 'v')");
    run("INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind, encrypted, "
        "key_lifetime_s) VALUES ('AA30C505', '7ED01E2A', 'p', repeat('0', 32), 1, 'json', true, "
        "3600)");
    device_ = run("INSERT INTO device (product_id, node_eui, device_secret) VALUES "
                  "('AA30C505', 'dev1', repeat('0', 32)) RETURNING device_id")
                  .int64(0, 0);
  }

  pg::Rows run(const std::string& sql) {
    auto rows = connection_->exec(sql);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
  std::string text(const std::string& sql) { return std::string(run(sql).text(0, 0)); }
  store::NewCommand command(bool encrypt = false) {
    store::NewCommand command;
    command.device_id = device_;
    command.topic = protocol::TopicName::downlink;
    command.header_ctrl = 7;
    command.payload = R"({"n":1})";
    command.encrypt = encrypt;
    command.created_at_ms = now_ms_;
    command.expires_at_ms = now_ms_ + 3'600'000;
    return command;
  }
  std::int64_t queue(const store::NewCommand& command) {
    return store::insert_commands(*connection_, {&command, 1}).value().at(0).command_id;
  }

  const std::string conninfo_;
  std::optional<pg::Connection> connection_;
  std::int64_t device_ = 0;
  std::int64_t now_ms_ = 1'000'000'000'000;
  observe::Metrics metrics_;
};

}  // namespace xgate::ingest
