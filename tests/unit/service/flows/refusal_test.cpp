// SPDX-License-Identifier: Apache-2.0
#include "service/flows/refusal.hpp"

#include <gtest/gtest.h>

#include "protocol/aes.hpp"
#include "protocol/login.hpp"

namespace xgate::flows {
namespace {

constexpr protocol::IdentityView id{"7ED01E2A", "AA30C505", "20MQTTJ000121"};

struct Refusal : ::testing::Test {
  store::Product product;
  store::Device device;
  link::Refused event;
  Refusal() {
    product.open_id = id.open_id;
    product.product_id = id.product_id;
    product.product_key = "DB6FACEF35BEBA0517712F0E4BE32936";
    device.product_id = id.product_id;
    device.node_eui = id.node_eui;
    device.device_secret = "326086233FAB8A96566796551EB1DFF8";
    event.device = id.owned();
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
  const auto row = refusal("local", event, &product, &device);
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
  EXPECT_FALSE(refusal("local", event, &product, &device).refusal.explanation) << "it may be right";
  event.also = "V2-2";
  const auto row = refusal("local", event, &product, &device);
  ASSERT_TRUE(row.refusal.explanation);
  EXPECT_NE(row.refusal.explanation->find("lower"), std::string::npos) << *row.refusal.explanation;
}

TEST_F(Refusal, nothing_is_explained_about_a_stranger_or_another_requirement) {
  EXPECT_FALSE(refusal("local", event, &product, nullptr).refusal.explanation);
  EXPECT_FALSE(refusal("local", event, nullptr, nullptr).refusal.explanation);
  event.requirement = "V2-3";
  EXPECT_FALSE(refusal("local", event, &product, &device).refusal.explanation);
}

TEST_F(Refusal, of_a_client_that_could_not_be_read_names_no_device) {
  event.device = {};
  event.what = link::Refused::What::subscribe;
  event.topic = "#";
  const auto row = refusal("local", event, nullptr, nullptr);
  EXPECT_FALSE(row.refusal.product_id);
  EXPECT_FALSE(row.refusal.node_eui);
  EXPECT_EQ(row.refusal.what, "subscribe");
  EXPECT_EQ(row.refusal.topic, "#");
}

}  // namespace
}  // namespace xgate::flows
