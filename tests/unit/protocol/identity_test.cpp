// SPDX-License-Identifier: Apache-2.0
#include "protocol/identity.hpp"

#include <string>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

TEST(Identity, ID_1_open_id_is_8_hex_digits_of_either_case) {
  EXPECT_TRUE(is_open_id("7ED01E2A"));
  EXPECT_TRUE(is_open_id("7ed01e2a"));
  EXPECT_FALSE(is_open_id("7ED01E2"));
  EXPECT_FALSE(is_open_id("7ED01E2AB"));
  EXPECT_FALSE(is_open_id("7ED01E2G"));
  EXPECT_FALSE(is_open_id(""));
}

TEST(Identity, ID_2_product_id_is_8_and_product_key_32_hex_digits) {
  EXPECT_TRUE(is_product_id("AA30C505"));
  EXPECT_FALSE(is_product_id("AA30C50+"));
  EXPECT_TRUE(is_product_key("DB6FACEF35BEBA0517712F0E4BE32936"));
  EXPECT_FALSE(is_product_key("DB6FACEF35BEBA0517712F0E4BE3293"));
  EXPECT_FALSE(is_product_key("DB6FACEF35BEBA0517712F0E4BE3293 "));
}

TEST(Identity, ID_3_node_eui_is_4_to_32_letters_and_digits) {
  EXPECT_TRUE(is_node_eui("20MQTTJ000121"));
  EXPECT_TRUE(is_node_eui("abcd"));
  EXPECT_TRUE(is_node_eui(std::string(32, 'z')));
  EXPECT_FALSE(is_node_eui("abc"));
  EXPECT_FALSE(is_node_eui(std::string(33, 'z')));
  for (const char c : {'_', '-', '.', '/', '+', '#', ' ', '\0', '\xE4', '@', '[', '`', '{', ':'}) {
    EXPECT_FALSE(is_node_eui(std::string("abcd") + c)) << static_cast<int>(c);
  }
}

TEST(Identity, ID_4_device_secret_is_32_hex_digits) {
  EXPECT_TRUE(is_device_secret("326086233FAB8A96566796551EB1DFF8"));
  EXPECT_FALSE(is_device_secret("FE448731"));
}

TEST(Identity, ID_5_auth_types_are_0_1_and_2) {
  EXPECT_EQ(auth_type_from(0), AuthType::product_secret_unregistered);
  EXPECT_EQ(auth_type_from(1), AuthType::product_secret_registered);
  EXPECT_EQ(auth_type_from(2), AuthType::device_secret_registered);
  EXPECT_FALSE(auth_type_from(3));
  EXPECT_FALSE(auth_type_from(-1));
  EXPECT_FALSE(auth_type_from(std::int64_t{1} << 40));
}

TEST(Identity, ID_6_product_kinds_have_names) {
  for (const auto kind : {ProductKind::transparent, ProductKind::json, ProductKind::hex}) {
    EXPECT_EQ(product_kind_from(to_string(kind)), kind);
  }
  EXPECT_EQ(to_string(ProductKind::hex), "hex");
  EXPECT_FALSE(product_kind_from("HEX"));
  EXPECT_FALSE(product_kind_from(""));
}

TEST(Identity, ID_7_device_states_have_names) {
  EXPECT_EQ(to_string(DeviceState::unactivated), "unactivated");
  EXPECT_EQ(to_string(DeviceState::online), "online");
  EXPECT_EQ(to_string(DeviceState::offline), "offline");
  EXPECT_EQ(to_string(DeviceState::disabled), "disabled");
}

TEST(Identity, a_device_name_is_product_dot_node) {
  const auto id = parse_device_name("AA30C505.20MQTTJ000121");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->product_id, "AA30C505");
  EXPECT_EQ(id->node_eui, "20MQTTJ000121");
  EXPECT_EQ(device_name(id->product_id, id->node_eui), "AA30C505.20MQTTJ000121");
  EXPECT_FALSE(parse_device_name("AA30C50520MQTTJ000121"));
  EXPECT_FALSE(parse_device_name("AA30C505.20MQ.TJ"));
  EXPECT_FALSE(parse_device_name("AA30C5.20MQTTJ"));
  EXPECT_FALSE(parse_device_name("AA30C505."));
  EXPECT_FALSE(parse_device_name(""));
}

TEST(Identity, the_topic_root_has_no_trailing_slash) {
  EXPECT_EQ(topic_root({"7ED01E2A", "AA30C505", "20MQTTJ000121"}),
            "/sys/7ED01E2A/AA30C505/20MQTTJ000121");
}

}  // namespace
}  // namespace xgate::protocol
