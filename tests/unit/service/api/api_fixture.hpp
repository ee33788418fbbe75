// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fakes/http_client.hpp"
#include "fakes/postgres_cluster.hpp"
#include "service/api/server.hpp"
#include "service/app/migrate.hpp"

namespace xgate::api {

/// A server on a database of its own, and a client with its token.
class RunningApi {
 public:
  explicit RunningApi(const std::string& database, int connections = 64) {
    auto name = (std::filesystem::temp_directory_path() / "xgate-api-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    settings_.database.url = database;
    settings_.http.port = 0;
    settings_.http.workers = 2;
    settings_.http.connections = connections;
    settings_.http.token_file = (folder_ / "admin.token").string();
    Actions actions;
    actions.components = [this] {
      const std::lock_guard lock(mutex_);
      return components_;
    };
    server_ = std::make_unique<Server>(io_, settings_, metrics_, std::move(actions));
    if (auto started = server_->start(); !started) throw std::runtime_error(started.error());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RunningApi() {
    boost::asio::post(io_, [this] { server_->stop([this] { work_.reset(); }); });
    thread_.join();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  RunningApi(const RunningApi&) = delete;
  RunningApi& operator=(const RunningApi&) = delete;

  /// Once the server has made it.
  std::string token() {
    while (token_.empty()) {
      std::ifstream in(settings_.http.token_file);
      std::getline(in, token_);
      if (token_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return token_;
  }
  std::string token_file() const { return settings_.http.token_file; }
  std::uint16_t port() const { return server_->port(); }
  void wake(std::vector<std::int64_t> subjects) { server_->wake(std::move(subjects)); }

  fakes::HttpClient::Answer ask(const std::string& method, const std::string& target,
                                const std::string& body = {},
                                const std::string& type = "application/json") {
    fakes::HttpClient peer(port());
    std::string request = method + " " + target +
                          " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token() +
                          "\r\n";
    if (!body.empty()) {
      request +=
          "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    peer.send(request + "\r\n" + body);
    return peer.read(method == "HEAD");
  }
  nlohmann::json json(const std::string& method, const std::string& target,
                      const nlohmann::json& body = nullptr, int status = 200) {
    const auto answer = ask(method, target, body.is_null() ? "" : body.dump());
    EXPECT_EQ(answer.status, status) << answer.body;
    return nlohmann::json::parse(answer.body, nullptr, false);
  }
  void set_components(std::vector<Component> components) {
    const std::lock_guard lock(mutex_);
    components_ = std::move(components);
  }

 private:
  std::filesystem::path folder_;
  config::Settings settings_;
  observe::Metrics metrics_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(io_);
  std::unique_ptr<Server> server_;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<Component> components_;
  std::string token_;
};

/// One database and one server for all cases; each makes its own vendor and product.
class ApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto& cluster = fakes::PostgresCluster::shared();
    database() = cluster.create_database();
    const auto migrated = app::migrate(database(), [](const std::string&) {});
    ASSERT_TRUE(migrated) << migrated.error();
    running() = std::make_unique<RunningApi>(database());
  }
  static void TearDownTestSuite() { running().reset(); }
  static std::string& database() {
    static std::string conninfo;
    return conninfo;
  }
  static std::unique_ptr<RunningApi>& running() {
    static std::unique_ptr<RunningApi> api;
    return api;
  }
  static RunningApi& api() { return *running(); }

  static std::string new_vendor() {
    return api().json("POST", "/api/v1/vendors", {{"name", "v"}}, 201).at("open_id");
  }
  static std::string new_product(int auth_type = 1) {
    return api()
        .json(
            "POST", "/api/v1/products",
            {{"open_id", new_vendor()}, {"name", "p"}, {"auth_type", auth_type}, {"kind", "json"}},
            201)
        .at("product_id");
  }
  static pg::Rows sql(const std::string& statement) {
    auto connection = pg::Connection::open(database());
    auto rows = connection->exec(statement);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
};

}  // namespace xgate::api
