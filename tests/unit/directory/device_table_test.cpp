// SPDX-License-Identifier: Apache-2.0
#include "directory/device_table.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::directory {
namespace {

DeviceKey key_of(int number, std::size_t node_size = 13) {
  auto node = std::to_string(number);
  node.insert(0, node_size - node.size(), 'n');
  return DeviceKey::from("AA30C505", node).value();
}

Device device_of(int number) {
  Device device;
  device.secret[0] = static_cast<std::uint8_t>(number);
  device.secret[15] = static_cast<std::uint8_t>(number >> 8);
  device.enabled = number % 3 != 0;
  device.registration = 0xffffff - static_cast<std::uint32_t>(number);
  device.revision = 1'000'000'000'000 + number;
  device.last_offline_s = 1'700'000'000 + number;
  device.used = {number % 5 == 0 ? 0 : 3'000'000'000 + number,
                 0x8000'0000'0000'0001ULL + static_cast<std::uint64_t>(number) * 2};
  return device;
}

std::shared_ptr<const DeviceTable> table_of(int count, std::size_t node_size = 13) {
  DeviceTable::Builder builder;
  for (int i = 0; i < count; ++i) builder.add(key_of(i, node_size), device_of(i));
  return std::move(builder).finish();
}

TEST(DeviceKey, takes_only_legal_names) {
  EXPECT_TRUE(DeviceKey::from("AA30C505", "abcd"));
  EXPECT_TRUE(DeviceKey::from("AA30C505", std::string(32, 'a')));
  EXPECT_FALSE(DeviceKey::from("AA30C505", std::string(33, 'a')));
  EXPECT_FALSE(DeviceKey::from("AA30C505", "abc"));
  EXPECT_FALSE(DeviceKey::from("AA30C50", "abcd"));
  EXPECT_FALSE(DeviceKey::from("AA30C505", std::string("ab\0d", 4)));
}

TEST(DeviceKey, names_that_begin_alike_differ) {
  const auto a = DeviceKey::from("AA30C505", "abcd").value();
  const auto b = DeviceKey::from("AA30C505", "abcd0").value();
  EXPECT_NE(a, b);
  EXPECT_NE(hash_value(a), hash_value(b));
  EXPECT_EQ(a.name(), "AA30C505.abcd");
}

TEST(DeviceTable, an_empty_one_finds_nothing) {
  EXPECT_EQ(DeviceTable().find(key_of(1)), std::nullopt);
  EXPECT_EQ(table_of(0)->find(key_of(1)), std::nullopt);
}

TEST(DeviceTable, finds_every_device_and_no_other) {
  const auto table = table_of(20000);
  ASSERT_EQ(table->size(), 20000U);
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(table->find(key_of(i)), device_of(i)) << i;
  for (int i = 20000; i < 40000; ++i) ASSERT_EQ(table->find(key_of(i)), std::nullopt) << i;
  EXPECT_EQ(table->find(DeviceKey::from("BB30C505", key_of(1).node_eui()).value()), std::nullopt);
}

TEST(DeviceTable, visits_every_device_once) {
  const auto table = table_of(3000);
  std::size_t visited = 0;
  table->for_each([&](const DeviceKey& key, const Device& device) {
    ++visited;
    ASSERT_EQ(table->find(key), device);
  });
  EXPECT_EQ(visited, 3000U);
}

TEST(DeviceTable, takes_at_most_100_bytes_a_device) {
  EXPECT_LT(table_of(100000)->memory_bytes(), 70U * 100000);
  EXPECT_LT(table_of(100000, 32)->memory_bytes(), 100U * 100000);
}

TEST(DeviceTable, times_beyond_32_bits_stay_at_the_bound) {
  Device device;
  device.last_offline_s = 1LL << 40;
  device.used.newest = -5;
  DeviceTable::Builder builder;
  builder.add(key_of(1), device);
  const auto found = std::move(builder).finish()->find(key_of(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->last_offline_s, 0xffffffffLL);
  EXPECT_EQ(found->used.newest, 0);
}

TEST(DeviceTable, its_blocks_make_an_equal_table) {
  const auto table = table_of(5000);
  DeviceTable::Builder builder;
  table->for_each_block(
      [&](std::span<const std::byte> block) { ASSERT_TRUE(builder.add_block(block)); });
  const auto again = std::move(builder).finish();
  ASSERT_EQ(again->size(), 5000U);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(again->find(key_of(i)), device_of(i));
}

TEST(DeviceTable, refuses_a_block_that_is_cut_anywhere_inside_a_record) {
  std::vector<std::byte> block;
  table_of(2)->for_each_block(
      [&](std::span<const std::byte> bytes) { block.assign(bytes.begin(), bytes.end()); });
  const std::size_t record = block.size() / 2;
  for (std::size_t size = 1; size < block.size(); ++size) {
    DeviceTable::Builder builder;
    EXPECT_EQ(builder.add_block(std::span(block).first(size)), size == record) << size;
  }
}

TEST(DeviceTable, refuses_a_block_with_an_illegal_name) {
  std::vector<std::byte> block;
  table_of(1)->for_each_block(
      [&](std::span<const std::byte> bytes) { block.assign(bytes.begin(), bytes.end()); });
  block[42] = std::byte{'/'};
  EXPECT_FALSE(DeviceTable::Builder().add_block(block));
  block[42] = std::byte{'n'};
  block[41] = std::byte{255};
  EXPECT_FALSE(DeviceTable::Builder().add_block(block));
}

}  // namespace
}  // namespace xgate::directory
