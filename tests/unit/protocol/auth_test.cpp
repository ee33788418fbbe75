// SPDX-License-Identifier: Apache-2.0
#include "protocol/auth.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const Identity registering_device{"E0C040B1", "A4BC6002", "A4BC6002"};

class Auth : public testing::Test {
 protected:
  Frame frame{
      1231,
      1,
      {{"OpenID", "E0C040B1"}, {"ProductID", "A4BC6002"}, {"NodeEui", "A4BC6002"}, {"Type", 0}},
      "2.0"};
  AuthState state{AuthState::Product{.open_id = "E0C040B1",
                                     .auth_type = AuthType::product_secret_unregistered,
                                     .enabled = true,
                                     .encrypted = false,
                                     .version = "2.0",
                                     .reauth = Reauth::always,
                                     .reveal_device_secret = {}},
                  AuthState::Device{}};

  void set_type(int type) {
    frame.payload["Type"] = type;
    state.product->auth_type = static_cast<AuthType>(type);
  }
  AuthVerdict decide() {
    const auto request = parse_auth_request(frame);
    EXPECT_TRUE(request) << request.error().reason;
    return decide_auth(*request, frame, view(registering_device), state);
  }
  void expect_refused(AuthCode code, std::string_view requirement, std::string_view reason) {
    const auto verdict = decide();
    EXPECT_EQ(verdict.code, code);
    EXPECT_EQ(verdict.requirement, requirement);
    EXPECT_THAT(verdict.reason, HasSubstr(std::string(reason)));
    EXPECT_FALSE(verdict.register_device);
    EXPECT_FALSE(verdict.issue_session_key);
    EXPECT_FALSE(verdict.reveal_device_secret);
  }
};

TEST_F(Auth, AUTH_4_the_request_of_section_4_1_is_read) {
  const auto request = parse_auth_request(frame);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, registering_device);
  EXPECT_EQ(request->type, 0);
  EXPECT_FALSE(request->random);
  frame.payload["Random"] = "x";
  EXPECT_EQ(parse_auth_request(frame)->random, "x");
}

TEST_F(Auth, AUTH_4_a_missing_or_wrongly_typed_member_is_named) {
  for (const std::string& member :
       std::vector<std::string>{"OpenID", "ProductID", "NodeEui", "Type"}) {
    for (const json& value : {json(), json(1.5), json::array()}) {
      auto bad = frame;
      bad.payload[member] = value;
      const auto request = parse_auth_request(bad);
      ASSERT_FALSE(request) << member;
      EXPECT_EQ(request.error().requirement, "AUTH-4");
      EXPECT_THAT(request.error().reason, HasSubstr(member + " is not a"));
      EXPECT_EQ(request.error().message_id, 1231);
      EXPECT_EQ(request.error().header_ctrl, 1);
    }
    auto bad = frame;
    bad.payload.erase(member);
    EXPECT_FALSE(parse_auth_request(bad)) << member;
  }
  frame.payload = "text";
  EXPECT_THAT(parse_auth_request(frame).error().reason, HasSubstr("not an object"));
}

TEST_F(Auth, AUTH_4_another_open_id_or_product_id_than_the_logins_is_code_2) {
  frame.payload["OpenID"] = "E0C040B2";
  expect_refused(AuthCode::product_not_registered, "AUTH-4", "OpenID");
  frame.payload["OpenID"] = "E0C040B1";
  frame.payload["ProductID"] = "A4BC6003";
  expect_refused(AuthCode::product_not_registered, "AUTH-4", "ProductID");
}

TEST_F(Auth, AUTH_4_another_node_eui_than_the_logins_is_code_4) {
  frame.payload["NodeEui"] = "A4BC6003";
  expect_refused(AuthCode::device_refused, "AUTH-4", "NodeEui");
}

TEST_F(Auth, AUTH_6_an_illegal_node_eui_is_code_4) {
  frame.payload["NodeEui"] = "a-b";
  expect_refused(AuthCode::device_refused, "AUTH-6", "4 to 32 letters and digits");
}

TEST_F(Auth, AUTH_6_an_unknown_disabled_or_foreign_product_is_code_2) {
  state.product->enabled = false;
  expect_refused(AuthCode::product_not_registered, "AUTH-6", "disabled");
  state.product->enabled = true;
  state.product->open_id = "11111111";
  expect_refused(AuthCode::product_not_registered, "AUTH-6", "not registered under this OpenID");
  state.product.reset();
  expect_refused(AuthCode::product_not_registered, "AUTH-6", "not registered");
}

TEST_F(Auth, AUTH_6_another_type_than_the_products_is_code_5) {
  for (const std::int64_t type : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3},
                                  std::int64_t{-1}, std::int64_t{1} << 32}) {
    frame.payload["Type"] = type;
    expect_refused(AuthCode::type_mismatch, "AUTH-6",
                   "Type " + std::to_string(type) + " is not the product's, which is 0");
  }
}

TEST_F(Auth, AUTH_6_another_version_than_the_products_is_code_6) {
  frame.version = "1.0";
  expect_refused(AuthCode::version_mismatch, "AUTH-6", "which is \"2.0\"");
  frame.version = "";
  expect_refused(AuthCode::version_mismatch, "AUTH-6", "Version");
}

TEST_F(Auth, AUTH_6_a_disabled_device_is_code_4) {
  state.device->enabled = false;
  expect_refused(AuthCode::device_refused, "AUTH-6", "the device is disabled");
}

TEST_F(Auth, AUTH_6_a_device_that_had_to_be_registered_beforehand_is_code_4) {
  state.device.reset();
  for (const int type : {1, 2}) {
    set_type(type);
    expect_refused(AuthCode::device_refused, "AUTH-6", "not registered");
  }
}

TEST_F(Auth, AUTH_7_the_first_request_of_type_0_registers_the_device) {
  state.device.reset();
  const auto verdict = decide();
  EXPECT_EQ(verdict.code, AuthCode::success);
  EXPECT_TRUE(verdict.register_device);
  EXPECT_TRUE(verdict.reveal_device_secret);
  EXPECT_FALSE(verdict.issue_session_key);
  EXPECT_TRUE(verdict.requirement.empty());
}

TEST_F(Auth, AUTH_7_a_repeated_request_registers_nothing) {
  const auto verdict = decide();
  EXPECT_EQ(verdict.code, AuthCode::success);
  EXPECT_FALSE(verdict.register_device);
  EXPECT_TRUE(verdict.reveal_device_secret);
}

TEST_F(Auth, AUTH_8_type_2_is_not_told_its_secret_unless_the_product_says_so) {
  set_type(2);
  EXPECT_EQ(decide().code, AuthCode::success);
  EXPECT_FALSE(decide().reveal_device_secret);
  state.product->reveal_device_secret = true;
  EXPECT_TRUE(decide().reveal_device_secret);
}

TEST_F(Auth, AUTH_8_types_0_and_1_are_told_unless_the_product_says_not) {
  for (const int type : {0, 1}) {
    set_type(type);
    state.product->reveal_device_secret.reset();
    EXPECT_TRUE(decide().reveal_device_secret);
    state.product->reveal_device_secret = false;
    EXPECT_FALSE(decide().reveal_device_secret);
  }
}

TEST_F(Auth, AUTH_11_an_encrypted_product_gets_a_new_session_key_each_time) {
  state.product->encrypted = true;
  for (const bool activated : {false, true}) {
    state.device->activated = activated;
    EXPECT_EQ(decide().code, AuthCode::success);
    EXPECT_TRUE(decide().issue_session_key);
  }
}

TEST_F(Auth, AUTH_11_until_activated_refuses_an_activated_device) {
  state.product->reauth = Reauth::until_activated;
  EXPECT_EQ(decide().code, AuthCode::success);
  state.device->activated = true;
  expect_refused(AuthCode::device_refused, "AUTH-11", "reset the device");
}

TEST_F(Auth, AUTH_11_reauth_has_names) {
  EXPECT_EQ(to_string(Reauth::always), "always");
  EXPECT_EQ(reauth_from("until_activated"), Reauth::until_activated);
  EXPECT_FALSE(reauth_from("never"));
}

TEST(AuthReply, AUTH_5_has_the_members_of_section_4_1) {
  const std::string secret = "326086233FAB8A96566796551EB1DFF8";
  EXPECT_EQ(build_auth_reply(1231, AuthCode::success, &secret, nullptr, nullptr),
            R"({"MessageId":1231,"HeaderCtrl":1,"Payload":{"Code":0,)"
            R"("DeviceSecret":"326086233FAB8A96566796551EB1DFF8"},"Version":"2.0"})");
  const SessionKeySeed seed{"4655434B", 0x35};
  EXPECT_EQ(
      build_auth_reply(MessageId::of_text(R"("a")"), AuthCode::success, &secret, &seed, nullptr),
      R"({"MessageId":"a","HeaderCtrl":1,"Payload":{"Code":0,)"
      R"("DeviceSecret":"326086233FAB8A96566796551EB1DFF8","SessionID":"4655434B",)"
      R"("Nonce":53},"Version":"2.0"})");
}

TEST(AuthReply, AUTH_5_the_code_is_a_number_also_to_what_could_not_be_read) {
  EXPECT_EQ(build_auth_failure(1231, "Type is missing"),
            R"({"MessageId":1231,"HeaderCtrl":1,"Payload":{"Code":4001,"Msg":"Type is missing"},)"
            R"("Version":"2.0"})");
}

TEST(AuthReply, AUTH_8_the_secret_can_be_left_out) {
  const SessionKeySeed seed{"4655434B", 0x35};
  EXPECT_EQ(build_auth_reply(1, AuthCode::success, nullptr, &seed, nullptr),
            R"({"MessageId":1,"HeaderCtrl":1,"Payload":{"Code":0,"SessionID":"4655434B",)"
            R"("Nonce":53},"Version":"2.0"})");
}

TEST(AuthReply, AUTH_6_a_refusal_carries_no_key_whatever_it_was_given) {
  const std::string secret = "326086233FAB8A96566796551EB1DFF8";
  const SessionKeySeed seed{"4655434B", 0x35};
  for (const auto code :
       {AuthCode::busy, AuthCode::product_not_registered, AuthCode::device_refused,
        AuthCode::type_mismatch, AuthCode::version_mismatch}) {
    EXPECT_EQ(build_auth_reply(1, code, &secret, &seed, nullptr),
              R"({"MessageId":1,"HeaderCtrl":1,"Payload":{"Code":)" +
                  std::to_string(static_cast<int>(code)) + R"(},"Version":"2.0"})");
  }
}

TEST(AuthReply, AUTH_6_code_2_sends_random_back) {
  const json random = 4711;
  EXPECT_THAT(build_auth_reply(1, AuthCode::product_not_registered, nullptr, nullptr, &random),
              HasSubstr(R"({"Code":2,"Random":4711})"));
  EXPECT_THAT(build_auth_reply(1, AuthCode::device_refused, nullptr, nullptr, &random),
              testing::Not(HasSubstr("Random")));
}

}  // namespace
}  // namespace xgate::protocol
