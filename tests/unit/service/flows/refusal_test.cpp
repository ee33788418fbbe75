// SPDX-License-Identifier: Apache-2.0
#include "service/flows/refusal.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "protocol/aes.hpp"
#include "protocol/login.hpp"

namespace xgate::flows {
namespace {

constexpr protocol::IdentityView id{"7ED01E2A", "AA30C505", "20MQTTJ000121"};

struct Refusal : ::testing::Test {
  store::State state;
  store::Product product;
  store::Device device;
  link::Refused event;
  void know() {
    state.products = {{product.product_id, product}};
    state.devices = {{{device.product_id, device.node_eui}, device}};
  }
  std::string explained() const {
    return refusal("local", event, state).refusal.explanation.value_or("");
  }
  Refusal() {
    product.open_id = id.open_id;
    product.product_id = id.product_id;
    product.product_key = "DB6FACEF35BEBA0517712F0E4BE32936";
    device.product_id = id.product_id;
    device.node_eui = id.node_eui;
    device.device_secret = "326086233FAB8A96566796551EB1DFF8";
    event.device = id.owned();
    product.enabled = true;
    know();
    protocol::Aes aes;
    const auto good = protocol::v2_login_parameters(
        id, product.product_key, *protocol::aes_key_from_hex(device.device_secret), 0, 1675404867,
        aes);
    event.client_id = good.client_id;
    event.username = good.username;
    event.password = good.password;
    for (char& c : event.password) {
      c = static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    }
    event.requirement = "V2-2";
    event.reason = "the password is wrong";
    event.at_ms = 5;
  }
};

TEST_F(Refusal, TRACE_1_a_wrong_password_is_explained_and_stored_nowhere) {
  const auto row = refusal("local", event, state);
  ASSERT_TRUE(row.refusal.explanation);
  EXPECT_NE(row.refusal.explanation->find("lower"), std::string::npos) << *row.refusal.explanation;
  for (const auto& text : {row.refusal.client_id, row.refusal.username, row.refusal.reason,
                           *row.refusal.explanation}) {
    EXPECT_EQ(text.find(event.password), std::string::npos);
    EXPECT_EQ(text.find(product.product_key), std::string::npos);
    EXPECT_EQ(text.find(device.device_secret), std::string::npos);
  }
  EXPECT_EQ(row.refusal.what, "login");
  EXPECT_EQ(row.refusal.broker, "local");
  EXPECT_EQ(row.refusal.product_id, "AA30C505");
  EXPECT_EQ(row.refused_at_ms, 5);
}

TEST_F(Refusal, V2_6_a_mistake_that_comes_too_early_is_explained_as_well) {
  event.requirement = "V2-6";
  EXPECT_FALSE(refusal("local", event, state).refusal.explanation) << "it may be right";
  event.also = "V2-2";
  const auto row = refusal("local", event, state);
  ASSERT_TRUE(row.refusal.explanation);
  EXPECT_NE(row.refusal.explanation->find("lower"), std::string::npos) << *row.refusal.explanation;
}

TEST_F(Refusal, nothing_is_explained_about_a_stranger_or_another_requirement) {
  event.requirement = "V2-3";
  EXPECT_EQ(explained(), "");
  event.requirement = "V2-2";
  state.devices.clear();
  EXPECT_EQ(explained(), "");
  state.products.clear();
  EXPECT_EQ(explained(), "");
}

TEST_F(Refusal, TRACE_1_an_auth_login_is_explained_by_its_password) {
  event.client_id = "AA30C505-20MQTTJ000121";
  event.username = "AUTH-7ED01E2A-AA30C505";
  event.requirement = "AUTH-1";
  event.password = product.product_key.substr(0, 30);
  EXPECT_NE(explained().find("cut off after 30 of 32"), std::string::npos) << explained();
  event.password = device.device_secret;
  EXPECT_NE(explained().find("DeviceSecret was sent"), std::string::npos) << explained();
}

TEST_F(Refusal, TRACE_1_names_are_explained_by_what_exists) {
  event.client_id = "AA30C505-20MQTTJ000121";
  event.username = "AUTH-AA30C505-7ED01E2A";
  event.requirement = "AUTH-1";
  std::set<store::DeviceName> names;
  names_to_explain(event, names);
  EXPECT_TRUE(names.contains({"AA30C505", "20MQTTJ000121"}));
  EXPECT_TRUE(names.contains({"7ED01E2A", "20MQTTJ000121"}));
  EXPECT_NE(explained().find("swapped"), std::string::npos) << explained();
  event.client_id = "V2_AA30C505.20mqttj000121_0_1675404867";
  event.username = "7ED01E2A-AA30C505-20mqttj000121";
  event.device.node_eui = "20mqttj000121";
  event.requirement = "V2-4";
  EXPECT_NE(explained().find("AA30C505.20MQTTJ000121 is registered"), std::string::npos);
}

TEST_F(Refusal, TRACE_1_a_topic_gets_its_row_and_what_is_wrong_with_it) {
  event.what = link::Refused::What::publish;
  event.requirement = "TOPIC";
  event.topic = "/sys/7ED01E2A/AA30C505/20MQTTJ000121/uplink ";
  const auto row = refusal("local", event, state);
  EXPECT_EQ(row.refusal.requirement, "TOPIC-3");
  EXPECT_NE(row.refusal.explanation.value_or("").find("blank"), std::string::npos);
}

TEST_F(Refusal, of_a_client_that_could_not_be_read_names_no_device) {
  event.device = {};
  event.what = link::Refused::What::subscribe;
  event.topic = "#";
  const auto row = refusal("local", event, {});
  EXPECT_FALSE(row.refusal.product_id);
  EXPECT_FALSE(row.refusal.node_eui);
  EXPECT_EQ(row.refusal.what, "subscribe");
  EXPECT_EQ(row.refusal.topic, "#");
}

}  // namespace
}  // namespace xgate::flows
