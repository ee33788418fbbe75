// SPDX-License-Identifier: Apache-2.0
#include "directory/loader.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "directory/directory.hpp"
#include "directory/disk_copy.hpp"
#include "fakes/postgres_cluster.hpp"

namespace xgate::directory {
namespace {

using namespace std::chrono_literals;

const DeviceKey device1 = DeviceKey::from("AA30C505", "device01").value();
const DeviceKey device2 = DeviceKey::from("AA30C505", "device02").value();

class LoaderTest : public testing::Test {
 protected:
  LoaderTest() : database_(fakes::PostgresCluster::shared().create_database()) {
    connection_ = std::make_unique<pg::Connection>(std::move(*pg::Connection::open(database_)));
    make_tables();
    sql("INSERT INTO vendor (open_id, name) VALUES ('7ED01E2A', 'v');"
        "INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind) VALUES "
        "('AA30C505', '7ED01E2A', 'p', 'DB6FACEF35BEBA0517712F0E4BE32936', 2, 'json');"
        "INSERT INTO device (product_id, node_eui, device_secret) VALUES "
        "('AA30C505', 'device01', '326086233fab8a96566796551eb1dff8');");
    auto name = (std::filesystem::temp_directory_path() / "xgate-loader-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_ = {database_, (folder_ / "copy").string(), "here"};
  }
  ~LoaderTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void make_tables() {
    std::set<std::filesystem::path> migrations;
    for (const auto& entry : std::filesystem::directory_iterator(XGATE_SOURCE_DIR "/sql")) {
      if (entry.path().extension() == ".sql") migrations.insert(entry.path());
    }
    for (const auto& path : migrations) {
      std::ifstream file(path);
      sql({std::istreambuf_iterator<char>(file), {}});
    }
  }
  void sql(const std::string& text) {
    const auto done = connection_->exec_script(text);
    ASSERT_TRUE(done) << done.error().message;
  }
  void start() {
    loader_ = std::make_unique<Loader>(options_, exchange_);
    loader_->start();
    ASSERT_TRUE(loader_->wait_first_attempt(30s));
    take();
  }
  void take() {
    if (const auto changes = directory_.adopt()) changes_.append(*changes);
    for (auto& line : loader_->take_log()) log_ += line.text + '\n';
  }
  /// Takes what comes until `done`, with a deadline that only a failure meets.
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
      take();
    }
    return true;
  }
  /// A line may be given later than what it tells of: nobody waits for the lock of the log.
  bool until_said(std::string_view part) {
    return until([&] { return log_.find(part) != std::string::npos; });
  }
  void lose_connections() {
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'xgate plugin here'");
  }

  std::string database_;
  std::unique_ptr<pg::Connection> connection_;
  std::filesystem::path folder_;
  LoaderOptions options_;
  Exchange exchange_;
  Directory directory_{exchange_};
  Changes changes_;
  std::string log_;
  std::unique_ptr<Loader> loader_;
};

TEST_F(LoaderTest, reads_products_devices_and_their_times) {
  sql("INSERT INTO presence (device_id, offline_at, last_type1_timestamp, type1_used) "
      "SELECT device_id, '2023-02-03 06:14:27.9Z', 1675404000, -3 FROM device");
  start();
  const auto device = directory_.device(device1);
  ASSERT_TRUE(device);
  EXPECT_TRUE(device->enabled);
  EXPECT_EQ(device->secret, protocol::aes_key_from_hex("326086233FAB8A96566796551EB1DFF8"));
  EXPECT_EQ(device->last_offline_s, 1675404867);
  EXPECT_EQ(device->used, (protocol::UsedTimestamps{1675404000, ~std::uint64_t{2}}));
  const auto* product = directory_.product("AA30C505");
  ASSERT_NE(product, nullptr);
  EXPECT_EQ(product->open_id, "7ED01E2A");
  EXPECT_EQ(product->auth_type, protocol::AuthType::device_secret_registered);
  EXPECT_TRUE(product->enabled);
}

TEST_F(LoaderTest, follows_one_device) {
  start();
  sql("INSERT INTO device (product_id, node_eui, device_secret) VALUES "
      "('AA30C505', 'device02', '326086233FAB8A96566796551EB1DFF8')");
  EXPECT_TRUE(until([&] { return directory_.device(device2).has_value(); }));
  sql("UPDATE device SET enabled = false WHERE node_eui = 'device02'");
  EXPECT_TRUE(until([&] { return !directory_.device(device2)->enabled; }));
  changes_ = {};
  sql("DELETE FROM device WHERE node_eui = 'device02'");
  EXPECT_TRUE(until([&] { return !directory_.device(device2); }));
  ASSERT_EQ(changes_.devices.size(), 1U);
  EXPECT_EQ(changes_.devices[0].key, device2);
  EXPECT_FALSE(changes_.all_devices);
  EXPECT_TRUE(directory_.device(device1));
}

TEST_F(LoaderTest, follows_products_and_vendors) {
  start();
  sql("UPDATE product SET allow_hash = true");
  EXPECT_TRUE(until([&] { return directory_.product("AA30C505")->allow_hash; }));
  sql("UPDATE product SET require_type_1 = true");
  EXPECT_TRUE(until([&] { return directory_.product("AA30C505")->require_type_1; }));
  changes_ = {};
  sql("UPDATE vendor SET enabled = false");
  EXPECT_TRUE(until([&] { return !directory_.product("AA30C505")->enabled; }));
  EXPECT_TRUE(changes_.products);
  EXPECT_FALSE(changes_.all_devices);
}

TEST_F(LoaderTest, reads_everything_after_a_change_of_many) {
  start();
  changes_ = {};
  sql("INSERT INTO device (product_id, node_eui, device_secret) "
      "SELECT 'AA30C505', 'bulk' || n, '326086233FAB8A96566796551EB1DFF8' "
      "FROM generate_series(1, 5000) n");
  EXPECT_TRUE(until([&] {
    return directory_.device(DeviceKey::from("AA30C505", "bulk5000").value()).has_value();
  }));
  EXPECT_TRUE(changes_.all_devices);
  EXPECT_TRUE(changes_.devices.empty());
}

TEST_F(LoaderTest, many_single_changes_are_all_there) {
  start();
  for (int i = 0; i < 50; ++i) {
    // below the trigger's bound, so that the overlay takes them, and has to be merged in the end
    sql("INSERT INTO device (product_id, node_eui, device_secret) "
        "SELECT 'AA30C505', 'part" +
        std::to_string(i) +
        "n' || n, "
        "'326086233FAB8A96566796551EB1DFF8' FROM generate_series(1, 100) n");
  }
  EXPECT_TRUE(until([&] {
    return directory_.device(DeviceKey::from("AA30C505", "part49n100").value()).has_value();
  }));
  for (int i = 0; i < 50; ++i) {
    for (int n = 1; n <= 100; ++n) {
      const auto name = "part" + std::to_string(i) + "n" + std::to_string(n);
      ASSERT_TRUE(directory_.device(DeviceKey::from("AA30C505", name).value())) << name;
    }
  }
}

TEST_F(LoaderTest, a_change_during_a_lost_connection_is_found) {
  start();
  lose_connections();
  sql("UPDATE device SET enabled = false");
  EXPECT_TRUE(until([&] { return !directory_.device(device1)->enabled; }));
  EXPECT_TRUE(until_said("the database was lost")) << log_;
}

TEST_F(LoaderTest, without_a_database_the_copy_on_disk_is_used) {
  start();
  loader_.reset();
  ASSERT_TRUE(std::filesystem::exists(options_.cache_file));
  Exchange exchange;
  Directory directory(exchange);
  Loader loader({"host=" + folder_.string() + " dbname=nowhere", options_.cache_file, "here"},
                exchange);
  loader.start();
  ASSERT_TRUE(loader.wait_first_attempt(30s));
  directory.adopt();
  EXPECT_TRUE(directory.device(device1));
  EXPECT_NE(directory.product("AA30C505"), nullptr);
}

TEST_F(LoaderTest, the_last_change_is_in_the_copy_when_it_stops) {
  start();
  sql("INSERT INTO device (product_id, node_eui, device_secret) VALUES "
      "('AA30C505', 'device02', '326086233FAB8A96566796551EB1DFF8')");
  ASSERT_TRUE(until([&] { return directory_.device(device2).has_value(); }));
  loader_->stop();
  const auto copy = read_copy(options_.cache_file);
  ASSERT_TRUE(copy) << copy.error();
  EXPECT_TRUE(copy->find(device2));
}

TEST_F(LoaderTest, a_database_without_the_schema_is_said_and_does_not_hang) {
  options_.database = fakes::PostgresCluster::shared().create_database();
  start();
  EXPECT_FALSE(directory_.loaded());
  EXPECT_TRUE(until_said("cannot be read")) << log_;
}

TEST_F(LoaderTest, a_damaged_copy_is_not_used) {
  std::ofstream(options_.cache_file) << "xgate directory copy 5\nrubbish";
  ASSERT_EQ(::chmod(options_.cache_file.c_str(), 0600), 0);
  options_.database = "host=" + folder_.string() + " dbname=nowhere";
  start();
  EXPECT_FALSE(directory_.loaded());
  EXPECT_TRUE(until_said("damaged")) << log_;
}

TEST_F(LoaderTest, a_barrier_is_confirmed_when_all_before_it_is_in_effect) {
  start();
  auto services = pg::Connection::open(database_);
  ASSERT_TRUE(services->exec("LISTEN xgate_confirmed"));
  const auto confirmed = [&](int timeout_ms) {
    std::string all;
    const auto heard = services->wait_notifications(timeout_ms);
    for (const auto& one : *heard) all += one.payload + ';';
    return all;
  };
  sql("INSERT INTO device (product_id, node_eui, device_secret) VALUES ('AA30C505', 'device02', "
      "'326086233fab8a96566796551eb1dff8')");
  sql("NOTIFY xgate_directory, 'barrier 17 logins'");
  EXPECT_EQ(confirmed(30'000), "17 here;");
  take();  // as a login does
  EXPECT_TRUE(directory_.device(device2)) << "who logs in takes it over first";

  sql("UPDATE device SET enabled = false WHERE node_eui = 'device02'");
  sql("NOTIFY xgate_directory, 'kick AA30C505.device02'");
  sql("NOTIFY xgate_directory, 'unlock AA30C505.device01'");
  sql("NOTIFY xgate_directory, 'barrier 18 sessions'");
  sql("NOTIFY xgate_directory, 'barrier 19 sessions'");
  changes_ = {};
  ASSERT_TRUE(until([&] { return !changes_.unlocks.empty(); }));
  EXPECT_EQ(changes_.kicks, std::vector{device2});
  EXPECT_EQ(changes_.unlocks, std::vector{device1});
  EXPECT_EQ(confirmed(100), "") << "the broker's thread has not judged its sessions yet";
  if (exchange_.settle(directory_.number())) loader_->wake();
  EXPECT_EQ(confirmed(30'000), "18 here;19 here;");
  sql("NOTIFY xgate_directory, 'barrier 20 sessions'");
  EXPECT_EQ(confirmed(30'000), "20 here;") << "nothing has changed since";
}

}  // namespace
}  // namespace xgate::directory
