// SPDX-License-Identifier: Apache-2.0
#include "protocol/login.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vectors.hpp"

namespace xgate::protocol {
namespace {

using testing::HasSubstr;

constexpr std::int64_t now = 1675404867;  // the timestamp of the worked examples
constexpr std::int64_t skew = 60;

std::string text_of(std::string_view text) { return std::string(text); }

class Login : public testing::Test {
 protected:
  Example example;
  ProductFacts product{example.open_id, example.product_key, AuthType::product_secret_unregistered,
                       true};
  DeviceFacts device{example.secret(), true, 0, 0};
  Aes aes;

  Decision check(int type, std::int64_t timestamp, const ProductFacts* facts,
                 const DeviceFacts* device_facts) {
    const auto parameters = v2_login_parameters(example.id(), example.product_key, example.secret(),
                                                type, timestamp, aes);
    const auto login =
        parse_v2_login({parameters.client_id, parameters.username, parameters.password});
    EXPECT_TRUE(login);
    return check_v2_login(*login, parameters.password, facts, device_facts, now, skew, aes);
  }
  Decision check(int type, std::int64_t timestamp) {
    return check(type, timestamp, &product, &device);
  }

  void expect_refused(const Decision& decision, std::string_view requirement,
                      std::string_view reason) {
    EXPECT_FALSE(decision.allow);
    EXPECT_EQ(decision.requirement, requirement);
    EXPECT_THAT(text_of(decision.reason), HasSubstr(text_of(reason)));
  }

  void expect_unreadable(const std::string& client_id, const std::string& username,
                         std::string_view requirement, std::string_view reason) {
    const auto login = parse_v2_login({client_id, username, "x"});
    ASSERT_FALSE(login) << client_id << ' ' << username;
    expect_refused(login.error(), requirement, reason);
  }
};

using LoginKinds = Login;
using AuthLoginRules = Login;
using V2LoginRules = Login;

TEST_F(LoginKinds, are_told_by_username_and_client_id) {
  EXPECT_EQ(login_kind("AA30C505-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505"), LoginKind::auth);
  EXPECT_EQ(login_kind("anything", "AUTH-"), LoginKind::auth);
  EXPECT_EQ(login_kind("V2_AA30C505.20MQTTJ000121_0_1", example.username), LoginKind::v2);
  EXPECT_EQ(login_kind("V2_", "x"), LoginKind::v2);
  EXPECT_EQ(login_kind("wrong client id", example.username), LoginKind::v2);
  EXPECT_EQ(login_kind("wrong client id", "7ED01E2A-AA30C505-20MQ_ILL"), LoginKind::v2);
  EXPECT_EQ(login_kind("xgate-local-uplinks", "xgate-service"), LoginKind::other);
  EXPECT_EQ(login_kind("", ""), LoginKind::other);
  EXPECT_EQ(login_kind("v2_x", "auth-x"), LoginKind::other);
  EXPECT_EQ(login_kind("x", "a-b-c"), LoginKind::other);
}

TEST_F(LoginKinds, V2_6_a_refused_login_claims_what_its_client_id_says_then_its_username) {
  struct Case {
    std::string client_id, username;
    IdentityView claimed;
  };
  const std::string v2_id = "V2_AA30C505.20MQTTJ000121_0_1675404867";
  const IdentityView named{{}, "AA30C505", "20MQTTJ000121"};
  for (const auto& [client_id, username, claimed] : std::vector<Case>{
           {v2_id, example.username, example.id()},
           {v2_id, "", named},
           {v2_id, "nonsense", named},
           {v2_id, "7ED01E2A_AA30C505_20MQTTJ000121", named},
           {v2_id, "7ED01E2A", {"7ED01E2A", "AA30C505", "20MQTTJ000121"}},
           {v2_id, "11111111-22222222-another", {"11111111", "AA30C505", "20MQTTJ000121"}},
           {v2_id, "AUTH-7ED01E2A-AA30C506", {"7ED01E2A", "AA30C505", "20MQTTJ000121"}},
           {"V2_AA30C505.20MQTTJ000121", "x", named},
           {"V2_AA30C505.20MQTTJ000121_2_x_y", "x", named},
           {"V2_AA30C5.20MQTTJ000121_0_1", "x", {}},
           {"V2_AA30C505.20_0_1", example.username, example.id()},
           {"V2_", example.username, example.id()},
           {"AA30C505-20MQTTJ000121", "AUTH-", named},
           {"AA30C505-20MQTTJ000121", "AUTH-7ED01E2-AA30C506", named},
           {"AA30C505-20MQTTJ000121", "someone", named},
           {"AA30C50-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505", example.id()},
           {"AA30C505-abc", "AUTH-7ED01E2A-AA30C505", {"7ED01E2A", "AA30C505", {}}},
           {"7ED01E2A-AA30C505", example.username, example.id()},
           {"wrong client id", example.username, example.id()},
           {"wrong client id", "7ED01E2A-AA30C505", {"7ED01E2A", "AA30C505", {}}},
           {"xgate-local-uplinks", "xgate-service", {}},
           {"", "", {}},
       }) {
    EXPECT_EQ(claimed_identity({client_id, username, "x"}), claimed)
        << client_id << ' ' << username;
  }
}

// ---------------------------------------------------------------- AUTH-

TEST_F(AuthLoginRules, AUTH_1_the_login_is_read) {
  const auto login = parse_auth_login({"AA30C505-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505", "x"});
  ASSERT_TRUE(login);
  EXPECT_EQ(login->id, example.id());
}

TEST_F(AuthLoginRules, AUTH_1_the_tool_makes_what_the_rules_accept) {
  const auto parameters = auth_login_parameters(example.id(), example.product_key);
  EXPECT_EQ(parameters.client_id, "AA30C505-20MQTTJ000121");
  EXPECT_EQ(parameters.username, "AUTH-7ED01E2A-AA30C505");
  EXPECT_EQ(parameters.password, example.product_key);
  const auto login =
      parse_auth_login({parameters.client_id, parameters.username, parameters.password});
  ASSERT_TRUE(login);
  EXPECT_TRUE(check_auth_login(*login, parameters.password, &product).allow);
}

TEST_F(AuthLoginRules, AUTH_1_what_is_ill_formed_or_disagrees_is_refused_with_the_reason) {
  struct Case {
    std::string client_id, username, requirement, reason;
  };
  const std::string user = "AUTH-7ED01E2A-AA30C505";
  for (const auto& [client_id, username, requirement, reason] : std::vector<Case>{
           {"AA30C505-20MQTTJ000121", "AUTH-7ED01E2A", "AUTH-1", "AUTH-OpenID-ProductID"},
           {"AA30C505-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505-X", "AUTH-1", "8 hex digits"},
           {"AA30C505-20MQTTJ000121", "AUTH-7ED01E2-AA30C505", "AUTH-1", "8 hex digits"},
           {"AA30C505-20MQTTJ000121", "auth-7ED01E2A-AA30C505", "AUTH-1", "AUTH-OpenID-ProductID"},
           {"V2_AA30C505.20MQTTJ000121_0_1", user, "AUTH-1", "client id is of a V2_ login"},
           {"AA30C505", user, "AUTH-1", "ProductID-NodeEui"},
           {"AA30C505.20MQTTJ000121", user, "AUTH-1", "ProductID-NodeEui"},
           {"", user, "AUTH-1", "ProductID-NodeEui"},
           {"AA30C505-abc", user, "ID-3", "4 to 32 letters and digits"},
           {"AA30C505-20MQ-TJ", user, "ID-3", "4 to 32 letters and digits"},
           {"AA30C505-" + std::string(33, 'a'), user, "ID-3", "4 to 32"},
           {"AA30C506-20MQTTJ000121", user, "AUTH-1", "name different products"},
       }) {
    SCOPED_TRACE(client_id + ' ' + username);
    const auto login = parse_auth_login({client_id, username, "x"});
    ASSERT_FALSE(login);
    expect_refused(login.error(), requirement, reason);
  }
}

TEST_F(AuthLoginRules, AUTH_1_product_vendor_and_password_must_fit) {
  const auto login = parse_auth_login({"AA30C505-20MQTTJ000121", "AUTH-7ED01E2A-AA30C505", "x"});
  ASSERT_TRUE(login);
  const auto& key = example.product_key;
  expect_refused(check_auth_login(*login, key, nullptr), "AUTH-1", "no such product");
  expect_refused(check_auth_login(*login, "", &product), "AUTH-1", "not the ProductKey");
  expect_refused(check_auth_login(*login, key.substr(1), &product), "AUTH-1", "not the ProductKey");
  expect_refused(check_auth_login(*login, key + "0", &product), "AUTH-1", "not the ProductKey");
  auto lower = key;
  for (auto& c : lower) c = static_cast<char>(std::tolower(c));
  expect_refused(check_auth_login(*login, lower, &product), "AUTH-1", "letter by letter");
  auto disabled = product;
  disabled.enabled = false;
  expect_refused(check_auth_login(*login, key, &disabled), "AUTH-1", "disabled");
  auto elsewhere = product;
  elsewhere.open_id = "11111111";
  expect_refused(check_auth_login(*login, key, &elsewhere), "AUTH-1", "another OpenID");
}

// ---------------------------------------------------------------- V2_

TEST_F(V2LoginRules, V2_1_the_worked_examples_are_read) {
  for (const auto& vector : vectors().at("login")) {
    const std::string client_id = vector.at("client_id");
    const auto login = parse_v2_login({client_id, example.username, "x"});
    ASSERT_TRUE(login);
    EXPECT_EQ(login->id, example.id());
    EXPECT_EQ(login->type, vector.at("type"));
    EXPECT_EQ(login->timestamp, vector.at("timestamp"));
    EXPECT_EQ(login->timestamp_text, "1675404867");
    EXPECT_EQ(login->canonical_client_id, "V2_AA30C505.20MQTTJ000121");
    EXPECT_EQ(login->canonical_client_id.data(), client_id.data());
  }
}

TEST_F(V2LoginRules, V2_2_the_worked_examples_are_made_and_accepted) {
  for (const auto& vector : vectors().at("login")) {
    const auto made = v2_login_parameters(example.id(), example.product_key, example.secret(),
                                          vector.at("type"), vector.at("timestamp"), aes);
    EXPECT_EQ(made.client_id, vector.at("client_id").get<std::string>());
    EXPECT_EQ(made.username, vector.at("username").get<std::string>());
    EXPECT_EQ(made.password, vector.at("password").get<std::string>());
    EXPECT_EQ(v2_plaintext(example.id(), example.product_key, vector.at("type"), "1675404867"),
              vector.at("plaintext").get<std::string>());
    const auto login = parse_v2_login({made.client_id, made.username, made.password});
    ASSERT_TRUE(login);
    const auto decision = check_v2_login(*login, made.password, &product, &device, now, skew, aes);
    EXPECT_TRUE(decision.allow) << decision.reason;
  }
}

TEST_F(V2LoginRules, V2_1_an_ill_formed_client_id_is_refused_with_the_reason) {
  const auto& user = example.username;
  const std::string form = "V2_ProductID.NodeEui_type_timestamp";
  expect_unreadable("AA30C505.20MQTTJ000121_0_1", user, "V2-1", form);
  expect_unreadable("V2_AA30C505.20MQTTJ000121", user, "V2-1", form);
  expect_unreadable("V2_AA30C505.20MQTTJ000121_0", user, "V2-1", form);
  expect_unreadable("V2_AA30C505-20MQTTJ000121_0_1", user, "V2-1", form);
  expect_unreadable("V2_AA30C5.20MQTTJ000121_0_1", user, "V2-1", "8 hex digits");
  expect_unreadable("V2_AA30C505.abc_0_1", user, "ID-3", "4 to 32");
  expect_unreadable("V2_AA30C505.20.MQTT_0_1", user, "ID-3", "4 to 32");
  expect_unreadable("V2_AA30C505._0_1", user, "ID-3", "4 to 32");
  expect_unreadable("V2_AA30C505.20MQTTJ000121_2_1", user, "V2-1", "neither 0 nor 1");
  expect_unreadable("V2_AA30C505.20MQTTJ000121__1", user, "V2-1", "neither 0 nor 1");
  expect_unreadable("V2_AA30C505.20MQTTJ000121_00_1", user, "V2-1", "neither 0 nor 1");
}

TEST_F(V2LoginRules, V2_1_a_timestamp_is_a_decimal_number) {
  for (const auto& timestamp : std::vector<std::string>{
           "", "x", "1x", " 1", "1 ", "-1", "+1", "0x10", "1.5", "1_2", "99999999999999999999"}) {
    expect_unreadable("V2_AA30C505.20MQTTJ000121_0_" + timestamp, example.username, "V2-1",
                      "not a decimal number of seconds");
  }
}

TEST_F(V2LoginRules, V2_1_a_timestamp_counts_as_it_is_written) {
  const std::string client_id = "V2_AA30C505.20MQTTJ000121_1_01675404867";
  const auto login = parse_v2_login({client_id, example.username, "x"});
  ASSERT_TRUE(login);
  EXPECT_EQ(login->timestamp, now);
  const auto password = aes.encrypt_to_hex(
      example.secret(), v2_plaintext(example.id(), example.product_key, 1, "01675404867"));
  EXPECT_TRUE(check_v2_login(*login, password, &product, &device, now, skew, aes).allow);
}

TEST_F(V2LoginRules, V2_4_client_id_and_username_must_agree) {
  const std::string client_id = "V2_AA30C505.20MQTTJ000121_0_1";
  expect_unreadable(client_id, "7ED01E2A-AA30C506-20MQTTJ000121", "V2-4", "different products");
  expect_unreadable(client_id, "7ED01E2A-AA30C505-20MQTTJ000122", "V2-4", "different devices");
  expect_unreadable(client_id, "7ED01E2A-AA30C505-20mqttj000121", "V2-4", "different devices");
  expect_unreadable(client_id, "7ED01E2A-AA30C505", "V2-1", "OpenID-ProductID-NodeEui");
  expect_unreadable(client_id, "7ED01E2-AA30C505-20MQTTJ000121", "V2-1", "8 hex digits");
  expect_unreadable(client_id, "", "V2-1", "OpenID-ProductID-NodeEui");
}

TEST_F(V2LoginRules, V2_2_a_wrong_password_is_refused) {
  const std::string client_id = example.type0.at("client_id");
  const std::string good = example.type0.at("password");
  const auto login = parse_v2_login({client_id, example.username, good});
  ASSERT_TRUE(login);
  auto lower = good;
  for (auto& c : lower) c = static_cast<char>(std::tolower(c));
  auto last_changed = good;
  last_changed.back() = last_changed.back() == '0' ? '1' : '0';
  for (const auto& password :
       std::vector<std::string>{std::string(), lower, last_changed, good + "00", good.substr(0, 64),
                                example.type1.at("password").get<std::string>()}) {
    expect_refused(check_v2_login(*login, password, &product, &device, now, skew, aes), "V2-2",
                   "the password is not the one");
  }
}

TEST_F(V2LoginRules, V2_4_the_product_must_exist_under_the_vendor_and_be_enabled) {
  expect_refused(check(0, now, nullptr, nullptr), "V2-4", "no such product");
  auto other = product;
  other.open_id = "11111111";
  expect_refused(check(0, now, &other, &device), "V2-4", "another OpenID");
  other = product;
  other.enabled = false;
  expect_refused(check(0, now, &other, &device), "V2-4", "product or its vendor is disabled");
}

TEST_F(V2LoginRules, V2_4_the_device_must_be_registered_and_enabled) {
  expect_refused(check(0, now, &product, nullptr), "V2-4", "AUTH- credentials");
  auto registered = product;
  registered.auth_type = AuthType::device_secret_registered;
  expect_refused(check(0, now, &registered, nullptr), "V2-4", "registered on the platform");
  device.enabled = false;
  expect_refused(check(0, now), "V2-4", "the device is disabled");
}

TEST_F(V2LoginRules, V2_6_a_stranger_who_knows_the_dummy_keys_is_still_refused) {
  const auto parameters =
      v2_login_parameters(example.id(), "00000000000000000000000000000000", AesKey{}, 0, now, aes);
  const auto login =
      parse_v2_login({parameters.client_id, parameters.username, parameters.password});
  ASSERT_TRUE(login);
  EXPECT_FALSE(check_v2_login(*login, parameters.password, nullptr, nullptr, now, skew, aes).allow);
}

TEST_F(V2LoginRules, V2_3_type0_never_looks_at_the_timestamp) {
  device.last_offline_s = now + 1000;
  device.used.use(now + 1000, now + 1000);
  for (const std::int64_t timestamp : {std::int64_t{0}, now - 1'000'000, now + 1'000'000}) {
    EXPECT_TRUE(check(0, timestamp).allow) << timestamp;
  }
}

TEST_F(V2LoginRules, V2_3_type1_timestamp_up_to_the_clock_skew_ahead_is_accepted) {
  EXPECT_TRUE(check(1, now).allow);
  EXPECT_TRUE(check(1, now + skew).allow);
  expect_refused(check(1, now + skew + 1), "V2-3", "future");
}

TEST_F(V2LoginRules, V2_3_type1_timestamp_in_milliseconds_is_named) {
  expect_refused(check(1, now * 1000), "V2-3", "milliseconds");
}

TEST_F(V2LoginRules, V2_3_type1_timestamp_before_last_offline_is_refused) {
  device.last_offline_s = now - 10;
  expect_refused(check(1, now - 11), "V2-3", "last session");
  expect_refused(check(1, now - 10), "V2-3", "the very second");
  EXPECT_TRUE(check(1, now - 9).allow);
}

TEST_F(V2LoginRules, V2_3_type1_without_an_offline_time_has_no_lower_bound) {
  EXPECT_TRUE(check(1, 1).allow);
}

TEST_F(V2LoginRules, V2_3_type1_timestamp_cannot_be_replayed) {
  device.used.use(now - 10, now - 10);
  expect_refused(check(1, now - 10), "V2-3", "earlier login");
  expect_refused(check(1, now - 20), "V2-3", "earlier login");
  EXPECT_TRUE(check(1, now - 9).allow);
}

TEST_F(V2LoginRules, V2_3_a_clock_that_was_ahead_gets_in_once_it_is_right) {
  device.last_offline_s = now - 5;
  device.used.use(now + 40, now - 10);
  EXPECT_TRUE(check(1, now).allow);
  expect_refused(check(1, now + 40), "V2-3", "earlier login");
}

TEST_F(V2LoginRules, V2_6_a_wrong_password_says_nothing_about_the_timestamp) {
  const std::string client_id = "V2_AA30C505.20MQTTJ000121_1_9999999999";
  const auto login = parse_v2_login({client_id, example.username, "wrong"});
  ASSERT_TRUE(login);
  expect_refused(check_v2_login(*login, "wrong", &product, &device, now, skew, aes), "V2-2", "");
}

}  // namespace
}  // namespace xgate::protocol
