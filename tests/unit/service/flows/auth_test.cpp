// SPDX-License-Identifier: Apache-2.0
#include "service/flows/auth.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace xgate::flows {
namespace {

using nlohmann::json;
using protocol::AuthCode;
using protocol::AuthType;

constexpr protocol::IdentityView login{"7ED01E2A", "AA30C505", "20MQTTJ000121"};
const std::string secret = "326086233FAB8A96566796551EB1DFF8";

json request_frame() {
  return {{"MessageId", 1231},
          {"HeaderCtrl", 1},
          {"Payload",
           {{"OpenID", login.open_id},
            {"ProductID", login.product_id},
            {"NodeEui", login.node_eui},
            {"Type", 0}}},
          {"Version", "2.0"}};
}

store::Product product(AuthType type) {
  store::Product product;
  product.product_id = login.product_id;
  product.open_id = login.open_id;
  product.auth_type = type;
  product.enabled = true;
  product.version = "2.0";
  return product;
}

store::Device device() {
  store::Device device;
  device.device_id = 7;
  device.device_secret = secret;
  device.enabled = true;
  return device;
}

struct Row {
  const char* name;
  AuthCode code;
  const char* requirement;  // of a refusal
  std::function<void(json&, std::optional<store::Product>&, std::optional<store::Device>&)> change;
};

TEST(AuthDoubt, tells_where_somebody_else_may_have_asked_for_a_live_device) {
  auto known = device();
  known.activated = true;
  known.address = "192.0.2.1";
  EXPECT_EQ(doubt_about_asker("192.0.2.1", known), "");
  EXPECT_EQ(doubt_about_asker("::ffff:192.0.2.1", known), "") << "written otherwise";
  EXPECT_EQ(doubt_about_asker("192.0.2.2", known),
            "authenticated from 192.0.2.2, and logged in last from 192.0.2.1: it has moved, or "
            "somebody else has the ProductKey");
  known.address = "2001:db8::1";
  EXPECT_EQ(doubt_about_asker("2001:db8::2", known), "") << "one network";
  known.activated = false;  // reset by an operator: it is to ask again
  EXPECT_EQ(doubt_about_asker("192.0.2.2", known), "");
  known.online = true;
  EXPECT_EQ(doubt_about_asker("2001:db8::1", known),
            "authenticated from 2001:db8::1 while it is online from 2001:db8::1: it started again "
            "without a word, or somebody else has the ProductKey");
  EXPECT_EQ(doubt_about_asker("", known), "") << "an older plugin does not say";
  EXPECT_EQ(doubt_about_asker("192.0.2.2", device()), "") << "never logged in";
}

class AuthAnswers : public ::testing::TestWithParam<Row> {};

TEST_P(AuthAnswers, with_the_code_of_the_source) {
  json frame = request_frame();
  std::optional<store::Product> known = product(AuthType::product_secret_unregistered);
  std::optional<store::Device> there = device();
  GetParam().change(frame, known, there);
  const std::string bytes = frame.dump();
  const AuthMessage message{login, bytes};
  const auto asked = read_auth(message);
  ASSERT_TRUE(asked) << asked.error().reason;

  const auto verdict =
      judge_auth(message, *asked, known ? &*known : nullptr, there ? &*there : nullptr);
  EXPECT_EQ(verdict.code, GetParam().code);
  if (GetParam().code != AuthCode::success) {
    EXPECT_EQ(verdict.requirement, GetParam().requirement);
    EXPECT_FALSE(verdict.register_device);
    EXPECT_FALSE(verdict.issue_session_key);
  }
  const protocol::SessionKeySeed seed{"0123ABCD", 0x10};
  const auto reply = json::parse(auth_reply(*asked, verdict, there ? &*there : nullptr, &seed));
  EXPECT_EQ(reply["MessageId"], 1231);
  EXPECT_EQ(reply["HeaderCtrl"], 1);
  EXPECT_EQ(reply["Payload"]["Code"], static_cast<int>(GetParam().code));
  if (GetParam().code != AuthCode::success) {
    EXPECT_FALSE(reply["Payload"].contains("DeviceSecret")) << "AUTH-6";
    EXPECT_FALSE(reply["Payload"].contains("SessionID"));
  }
}

const Row rows[] = {
    {"a_known_device", AuthCode::success, "", [](json&, auto&, auto&) {}},
    {"a_new_device_of_type_0", AuthCode::success, "",
     [](json&, auto&, auto& device) { device.reset(); }},
    {"no_product", AuthCode::product_not_registered, "AUTH-6",
     [](json&, auto& product, auto&) { product.reset(); }},
    {"another_vendors_product", AuthCode::product_not_registered, "AUTH-6",
     [](json&, auto& product, auto&) { product->open_id = "00000000"; }},
    {"another_product_in_the_payload", AuthCode::product_not_registered, "AUTH-4",
     [](json& frame, auto&, auto&) { frame["Payload"]["ProductID"] = "BB30C505"; }},
    {"another_node_in_the_payload", AuthCode::device_refused, "AUTH-4",
     [](json& frame, auto&, auto&) { frame["Payload"]["NodeEui"] = "20MQTTJ000122"; }},
    {"a_disabled_device", AuthCode::device_refused, "AUTH-6",
     [](json&, auto&, auto& device) { device->enabled = false; }},
    {"not_pre_registered", AuthCode::device_refused, "AUTH-6",
     [](json& frame, auto& product, auto& device) {
       frame["Payload"]["Type"] = 1;
       product->auth_type = AuthType::product_secret_registered;
       device.reset();
     }},
    {"another_type", AuthCode::type_mismatch, "AUTH-6",
     [](json& frame, auto&, auto&) { frame["Payload"]["Type"] = 2; }},
    {"another_version", AuthCode::version_mismatch, "AUTH-6",
     [](json& frame, auto&, auto&) { frame["Version"] = "1.0"; }},
    {"activated_and_until_activated", AuthCode::device_refused, "AUTH-11",
     [](json&, auto& product, auto& device) {
       product->reauth = protocol::Reauth::until_activated;
       device->activated = true;
     }},
};
INSTANTIATE_TEST_SUITE_P(Auth, AuthAnswers, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

class AuthReply : public ::testing::Test {
 protected:
  json reply(const store::Product& product) {
    json frame = request_frame();
    frame["Payload"]["Type"] = static_cast<int>(product.auth_type);
    const std::string bytes = frame.dump();
    const AuthMessage message{login, bytes};
    const auto asked = read_auth(message);
    const auto there = device();
    verdict_ = judge_auth(message, *asked, &product, &there);
    const protocol::SessionKeySeed seed{"0123ABCD", 0x10};
    return json::parse(
        auth_reply(*asked, verdict_, &there, verdict_.issue_session_key ? &seed : nullptr));
  }
  protocol::AuthVerdict verdict_;
};

TEST_F(AuthReply, AUTH_7_tells_the_stored_secret) {
  const auto payload = reply(product(AuthType::product_secret_unregistered))["Payload"];
  EXPECT_EQ(payload["DeviceSecret"], secret);
  EXPECT_FALSE(payload.contains("SessionID")) << "only encrypted products get one";
}

TEST_F(AuthReply, AUTH_8_type_2_keeps_its_secret_unless_the_product_says_otherwise) {
  auto burnt = product(AuthType::device_secret_registered);
  EXPECT_FALSE(reply(burnt)["Payload"].contains("DeviceSecret"));
  burnt.reveal_device_secret = true;
  EXPECT_EQ(reply(burnt)["Payload"]["DeviceSecret"], secret);
}

TEST_F(AuthReply, AUTH_5_an_encrypted_product_gets_session_id_and_nonce) {
  auto encrypted = product(AuthType::product_secret_unregistered);
  encrypted.encrypted = true;
  const auto payload = reply(encrypted)["Payload"];
  EXPECT_TRUE(verdict_.issue_session_key);
  EXPECT_EQ(payload["SessionID"], "0123ABCD");
  EXPECT_EQ(payload["Nonce"], 0x10);
}

TEST_F(AuthReply, AUTH_6_random_comes_back_with_code_2_only) {
  for (const bool known : {false, true}) {
    json frame = request_frame();
    frame["Payload"]["Random"] = "r4nd";
    const std::string bytes = frame.dump();
    const AuthMessage message{login, bytes};
    const auto asked = read_auth(message);
    const auto there = device();
    const auto here = product(AuthType::product_secret_unregistered);
    const auto verdict = judge_auth(message, *asked, known ? &here : nullptr, &there);
    const auto payload = json::parse(auth_reply(*asked, verdict, &there, nullptr))["Payload"];
    EXPECT_EQ(payload.contains("Random"), !known);
  }
}

TEST(AuthBusy, answers_code_1_with_the_message_id) {
  const std::string bytes = request_frame().dump();
  const auto reply = busy_reply({login, bytes});
  ASSERT_TRUE(reply);
  EXPECT_EQ(json::parse(*reply)["Payload"], json({{"Code", 1}}));
  EXPECT_EQ(json::parse(*reply)["MessageId"], 1231);
}

TEST(AuthBusy, FRAME_5_says_nothing_where_there_is_no_message_id) {
  EXPECT_FALSE(busy_reply({login, "[["}));
  EXPECT_FALSE(busy_reply({login, ""}));
}

TEST(AuthRead, refuses_what_is_no_request) {
  for (const char* bytes :
       {"", "null", "{}", R"({"MessageId":1,"HeaderCtrl":1,"Payload":{},"Version":"2.0"})",
        R"({"MessageId":1,"HeaderCtrl":4,"Payload":{},"Version":"2.0"})"}) {
    EXPECT_FALSE(read_auth({login, bytes})) << bytes;
  }
}

TEST(Registration, AUTH_7_is_refused_by_the_limit_that_does_not_pass) {
  store::RegistrationRoom room{.quota = 5, .rate_per_minute = 60, .devices = 5, .by_rate = 60};
  EXPECT_EQ(room.room(), 0);
  auto refusal = refuse_registration(room);
  EXPECT_EQ(refusal.limit, RegistrationRefusal::Limit::quota);
  EXPECT_EQ(refusal.verdict.code, AuthCode::device_refused);
  EXPECT_NE(refusal.verdict.reason.find("registration_quota of 5"), std::string::npos);

  room = {.quota = 1000, .rate_per_minute = 60, .devices = 5, .by_rate = 0};
  EXPECT_EQ(room.room(), 0);
  refusal = refuse_registration(room);
  EXPECT_EQ(refusal.limit, RegistrationRefusal::Limit::rate);
  EXPECT_EQ(refusal.verdict.code, AuthCode::busy);
  EXPECT_EQ(refusal.verdict.requirement, "AUTH-7");
  EXPECT_NE(refusal.verdict.reason.find("registration_rate_per_minute of 60"), std::string::npos);

  room.by_rate = 0;
  room.devices = 1000;
  EXPECT_EQ(refuse_registration(room).limit, RegistrationRefusal::Limit::quota) << "both";
  EXPECT_EQ((store::RegistrationRoom{.quota = 3, .rate_per_minute = {}, .devices = 7}.room()), 0);
  EXPECT_GT((store::RegistrationRoom{}.room()), 1'000'000'000'000) << "no limit";
}

}  // namespace
}  // namespace xgate::flows
