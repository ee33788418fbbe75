// SPDX-License-Identifier: Apache-2.0
#include "directory/directory.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

namespace xgate::directory {
namespace {

using namespace std::chrono_literals;

const DeviceKey one = DeviceKey::from("AA30C505", "device01").value();
const DeviceKey other = DeviceKey::from("AA30C505", "device02").value();

Device revision(std::int64_t number) {
  Device device;
  device.revision = number;
  device.enabled = true;
  return device;
}

Snapshot with_table(std::initializer_list<std::pair<DeviceKey, Device>> devices) {
  DeviceTable::Builder builder;
  for (const auto& [key, device] : devices) builder.add(key, device);
  Snapshot snapshot;
  snapshot.table = std::move(builder).finish();
  return snapshot;
}

Snapshot overlaid(Snapshot snapshot, const DeviceKey& key, std::optional<Device> device) {
  auto overlay = std::make_shared<Overlay>(*snapshot.overlay);
  overlay->insert_or_assign(key, device);
  snapshot.overlay = std::move(overlay);
  return snapshot;
}

Changes all_at(Moment moment) {
  Changes changes;
  changes.all_devices = moment;
  return changes;
}
Changes one_at(const DeviceKey& key, Moment moment) {
  Changes changes;
  changes.devices.push_back({key, moment});
  return changes;
}

const Moment start = Moment{} + 1h;

TEST(Snapshot, the_overlay_changes_adds_and_deletes) {
  auto snapshot = with_table({{one, revision(1)}});
  EXPECT_EQ(overlaid(snapshot, one, revision(2)).find(one), revision(2));
  EXPECT_EQ(overlaid(snapshot, other, revision(3)).find(other), revision(3));
  EXPECT_EQ(overlaid(snapshot, one, std::nullopt).find(one), std::nullopt);
}

TEST(Snapshot, merging_keeps_what_is_found_and_empties_the_overlay) {
  auto snapshot = with_table({{one, revision(1)}});
  snapshot = overlaid(overlaid(snapshot, one, std::nullopt), other, revision(3));
  const auto flat = merged(snapshot);
  EXPECT_TRUE(flat.overlay->empty());
  EXPECT_EQ(flat.table->size(), 1U);
  EXPECT_EQ(flat.find(one), std::nullopt);
  EXPECT_EQ(flat.find(other), revision(3));
}

TEST(Products, are_found_by_id) {
  Product a;
  a.product_id = "A";
  a.open_id = "O";
  Product b;
  b.product_id = "B";
  const Products products({b, a});
  ASSERT_NE(products.find("A"), nullptr);
  EXPECT_EQ(products.find("A")->open_id, "O");
  EXPECT_EQ(products.find("C"), nullptr);
}

TEST(Exchange, changes_that_nobody_took_pass_on) {
  Exchange exchange;
  exchange.publish(with_table({}), one_at(one, start));
  exchange.publish(with_table({}), one_at(other, start));
  const auto taken = exchange.take();
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->changes.devices.size(), 2U);
  EXPECT_EQ(exchange.take(), nullptr);
}

TEST(Exchange, the_reader_frees_no_table) {
  Exchange exchange;
  Directory directory(exchange);
  auto first = with_table({{one, revision(1)}});
  const std::weak_ptr<const DeviceTable> watched = first.table;
  exchange.publish(std::move(first), all_at(start));
  directory.adopt();
  exchange.publish(with_table({}), all_at(start));
  directory.adopt();
  EXPECT_FALSE(watched.expired());
  exchange.free_retired();
  EXPECT_TRUE(watched.expired());
}

TEST(Directory, knows_nobody_before_the_first_snapshot) {
  Exchange exchange;
  Directory directory(exchange);
  EXPECT_FALSE(directory.loaded());
  EXPECT_EQ(directory.device(one), std::nullopt);
  EXPECT_EQ(directory.product("AA30C505"), nullptr);
  EXPECT_FALSE(directory.adopt());
}

TEST(Directory, a_device_that_was_told_is_known_at_once) {
  Exchange exchange;
  Directory directory(exchange);
  EXPECT_TRUE(directory.know(one, revision(7), start));
  EXPECT_EQ(directory.device(one), revision(7));
}

TEST(Directory, the_newer_revision_wins_whichever_way_it_came) {
  Exchange exchange;
  Directory directory(exchange);
  exchange.publish(with_table({{one, revision(5)}}), all_at(start));
  directory.adopt();
  EXPECT_FALSE(directory.know(one, revision(4), start + 1s));
  EXPECT_FALSE(directory.know(one, revision(5), start + 1s));
  EXPECT_EQ(directory.device(one), revision(5));
  EXPECT_TRUE(directory.know(one, revision(6), start + 1s));
  EXPECT_FALSE(directory.know(one, revision(5), start + 1s));
  EXPECT_EQ(directory.device(one), revision(6));
}

TEST(Directory, a_snapshot_read_before_the_telling_does_not_take_the_device_back) {
  Exchange exchange;
  Directory directory(exchange);
  directory.know(one, revision(7), start + 1s);
  exchange.publish(with_table({}), all_at(start));
  directory.adopt();
  EXPECT_EQ(directory.device(one), revision(7));
}

TEST(Directory, a_device_deleted_after_the_telling_is_gone) {
  Exchange exchange;
  Directory directory(exchange);
  directory.know(one, revision(7), start);
  directory.know(other, revision(8), start);
  exchange.publish(overlaid(with_table({}), one, std::nullopt), one_at(one, start + 1s));
  directory.adopt();
  EXPECT_EQ(directory.device(one), std::nullopt);
  EXPECT_EQ(directory.device(other), revision(8));
  exchange.publish(with_table({}), all_at(start + 2s));
  directory.adopt();
  EXPECT_EQ(directory.device(other), std::nullopt);
  EXPECT_EQ(directory.told(), 0U);
}

TEST(Directory, what_was_told_keeps_the_times_of_the_snapshot) {
  Exchange exchange;
  Directory directory(exchange);
  auto stored = revision(5);
  stored.last_offline_s = 1000;
  stored.used.use(900, 900);
  exchange.publish(with_table({{one, stored}}), all_at(start));
  directory.adopt();
  directory.know(one, revision(6), start + 1s);
  const auto device = directory.device(one).value();
  EXPECT_EQ(device.revision, 6);
  EXPECT_EQ(device.last_offline_s, 1000);
  EXPECT_EQ(device.used, stored.used);
}

}  // namespace
}  // namespace xgate::directory
