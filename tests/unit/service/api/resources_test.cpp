// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/aes.hpp"
#include "protocol/login.hpp"
#include "unit/service/api/api_fixture.hpp"

namespace xgate::api {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Resources : public ApiTest {};

TEST_F(Resources, a_vendor_is_made_with_a_generated_or_a_given_id) {
  const auto made = api().json("POST", "/api/v1/vendors", {{"name", "利尔达"}}, 201);
  EXPECT_THAT(made.at("open_id").get<std::string>(), MatchesRegex("[0-9A-F]{8}"));
  EXPECT_EQ(made.at("name"), "利尔达");
  EXPECT_TRUE(made.at("enabled").get<bool>());
  EXPECT_THAT(made.at("created_at").get<std::string>(),
              MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]{3}Z"));
  const json given{{"name", "x"}, {"open_id", "abCD0123"}};
  EXPECT_EQ(api().json("POST", "/api/v1/vendors", given, 201).at("open_id"), "abCD0123");
  EXPECT_EQ(api().json("POST", "/api/v1/vendors", given, 409).at("type"),
            "urn:xgate:problem:conflict");
  EXPECT_EQ(api().json("GET", "/api/v1/vendors/abCD0123").at("name"), "x");
  const auto changed =
      api().json("PATCH", "/api/v1/vendors/abCD0123", {{"name", "y"}, {"enabled", false}});
  EXPECT_EQ(changed.at("name"), "y");
  EXPECT_FALSE(changed.at("enabled").get<bool>());
  api().json("GET", "/api/v1/vendors/00000000", nullptr, 404);
}

TEST_F(Resources, a_product_takes_every_member_and_changes_what_it_is_told) {
  const auto vendor = new_vendor();
  const json all{{"product_id", "0a0b0c0d"},
                 {"open_id", vendor},
                 {"name", "all"},
                 {"product_key", "00112233445566778899aabbccddeeff"},
                 {"auth_type", 2},
                 {"kind", "hex"},
                 {"encrypted", true},
                 {"enabled", false},
                 {"version", "2.1"},
                 {"key_lifetime_s", 60},
                 {"key_reading", "bytes_device_secret"},
                 {"reveal_device_secret", true},
                 {"reauth", "until_activated"},
                 {"accept_plaintext", true},
                 {"allow_hash", true},
                 {"topic_names", "table"},
                 {"model_violations", "keep"},
                 {"registration_quota", 0},
                 {"registration_rate_per_minute", nullptr},
                 {"down_id_length", "long"},
                 {"hex_case", "upper"},
                 {"require_type_1", true}};
  const auto made = api().json("POST", "/api/v1/products?reveal=true", all, 201);
  for (const auto& [name, value] : all.items()) EXPECT_EQ(made.at(name), value) << name;
  const auto changed = api().json("PATCH", "/api/v1/products/0a0b0c0d",
                                  {{"key_reading", nullptr}, {"key_lifetime_s", 7}});
  EXPECT_TRUE(changed.at("key_reading").is_null());
  EXPECT_EQ(changed.at("key_lifetime_s"), 7);
  EXPECT_EQ(changed.at("reauth"), "until_activated");
  auto shown = api().json("GET", "/api/v1/products/0a0b0c0d");
  EXPECT_EQ(shown.erase("devices_seen"), 1U) << "told only where one product is asked for";
  EXPECT_EQ(shown, changed);
}

TEST_F(Resources, a_products_defaults_are_the_protocols) {
  const auto made = api().json(
      "POST", "/api/v1/products?reveal=true",
      {{"open_id", new_vendor()}, {"name", "p"}, {"auth_type", 0}, {"kind", "transparent"}}, 201);
  EXPECT_THAT(made.at("product_id").get<std::string>(), MatchesRegex("[0-9A-F]{8}"));
  EXPECT_THAT(made.at("product_key").get<std::string>(), MatchesRegex("[0-9A-F]{32}"));
  EXPECT_EQ(made.at("key_lifetime_s"), 172800);
  EXPECT_EQ(made.at("version"), "2.0");
  EXPECT_EQ(made.at("reauth"), "always");
  EXPECT_EQ(made.at("topic_names"), "section");
  EXPECT_EQ(made.at("model_violations"), "reject");
  EXPECT_EQ(made.at("registration_quota"), 100'000);
  EXPECT_EQ(made.at("registration_rate_per_minute"), 6'000);
  EXPECT_EQ(made.at("down_id_length"), "short");
  EXPECT_EQ(made.at("hex_case"), "lower");
  EXPECT_EQ(made.at("self_registered"), 0);
  EXPECT_TRUE(made.at("key_reading").is_null());
  EXPECT_TRUE(made.at("reveal_device_secret").is_null());
  EXPECT_FALSE(made.at("encrypted").get<bool>());
}

TEST_F(Resources, everything_wrong_with_a_body_is_named_at_once) {
  const auto problem = api().json("POST", "/api/v1/products",
                                  {{"open_id", "xyz"},
                                   {"auth_type", 3},
                                   {"kind", "JSON"},
                                   {"encrypted", "yes"},
                                   {"key_lifetime_s", 0},
                                   {"colour", "red"}},
                                  422);
  std::map<std::string, std::string> errors;
  for (const auto& error : problem.at("errors")) {
    errors[error.at("pointer")] = error.at("detail");
  }
  EXPECT_THAT(errors["/open_id"], HasSubstr("8 hex digits"));
  EXPECT_EQ(errors["/name"], "is missing");
  EXPECT_THAT(errors["/auth_type"], HasSubstr("0 to 2"));
  EXPECT_THAT(errors["/kind"], HasSubstr("transparent"));
  EXPECT_THAT(errors["/encrypted"], HasSubstr("true or false"));
  EXPECT_THAT(errors["/key_lifetime_s"], HasSubstr("whole number"));
  EXPECT_THAT(errors["/colour"], HasSubstr("no member"));
  EXPECT_EQ(errors.size(), 7U);
}

TEST_F(Resources, a_product_of_no_vendor_is_refused) {
  const auto problem =
      api().json("POST", "/api/v1/products",
                 {{"open_id", "FFFFFFFF"}, {"name", "p"}, {"auth_type", 0}, {"kind", "json"}}, 422);
  EXPECT_EQ(problem.at("errors").at(0).at("pointer"), "/open_id");
  EXPECT_EQ(problem.at("errors").at(0).at("detail"), problem.at("detail"));  // said once
}

TEST_F(Resources, a_body_that_is_no_json_object_is_400) {
  for (const std::string body :
       {"{", "[]", "null", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\xff\"}"}) {
    const auto answer = api().ask("POST", "/api/v1/vendors", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  }
  EXPECT_EQ(api().ask("POST", "/api/v1/vendors", std::string(100000, '[')).status, 400);
  api().json("POST", "/api/v1/vendors", {{"name", std::string("a\0b", 3)}}, 400);
}

TEST_F(Resources, a_new_device_gets_a_secret_and_its_default_login) {
  const auto product = new_product();
  const auto made = api().json("POST", "/api/v1/products/" + product + "/devices?reveal=true",
                               {{"node_eui", "dev1"}}, 201);
  EXPECT_THAT(made.at("device_secret").get<std::string>(), MatchesRegex("[0-9A-F]{32}"));
  EXPECT_EQ(made.at("state"), "unactivated");
  EXPECT_FALSE(made.at("online").get<bool>());
  EXPECT_EQ(made.at("registered_by"), "api");
  EXPECT_TRUE(made.at("activated_at").is_null());
  EXPECT_TRUE(made.at("firmware").empty());
  const std::string open_id = made.at("open_id");
  EXPECT_EQ(made.at("username"), open_id + "-" + product + "-dev1");
  EXPECT_THAT(made.at("client_id").get<std::string>(),
              MatchesRegex("V2_" + product + "\\.dev1_0_[0-9]+"));
  const std::string key =
      api().json("GET", "/api/v1/products/" + product + "?reveal=true").at("product_key");
  protocol::Aes aes;
  const auto secret = protocol::aes_key_from_hex(made.at("device_secret").get<std::string>());
  EXPECT_EQ(made.at("password"), aes.encrypt_to_hex(*secret, product + ".dev1_" + key));
  EXPECT_EQ(api().json("GET", "/api/v1/devices/" + product + ".dev1?reveal=true"), made);
}

TEST_F(Resources, a_burnt_device_keeps_its_secret_exactly) {
  const auto product = new_product();
  const std::string secret = "00112233445566778899aAbBcCdDeEfF";
  const json body{{"node_eui", "burnt"}, {"device_secret", secret}};
  const auto made =
      api().json("POST", "/api/v1/products/" + product + "/devices?reveal=true", body, 201);
  EXPECT_EQ(made.at("device_secret"), secret);
  api().json("POST", "/api/v1/products/" + product + "/devices", body, 409);
  api().json("POST", "/api/v1/products/" + product + "/devices", {{"node_eui", "a-b"}}, 422);
  api().json("POST", "/api/v1/products/FFFFFFFF/devices", {{"node_eui", "abcd"}}, 404);
}

TEST_F(Resources, a_device_shows_its_state_times_and_firmware) {
  const auto product = new_product();
  const auto name = product + ".dev1";
  api().json("POST", "/api/v1/products/" + product + "/devices", {{"node_eui", "dev1"}}, 201);
  sql("INSERT INTO presence (device_id, online, broker, activated_at, online_at) SELECT device_id, "
      "true, 'local', '2023-03-17 01:02:03.004+00', '2023-03-18 00:00:00+00' FROM device WHERE "
      "product_id = '" +
      product + "'");
  sql("INSERT INTO firmware SELECT device_id, 'mcu', 'H1', 'S1', 2, '2023-03-19 00:00:00+00', "
      "now() FROM device WHERE product_id = '" +
      product + "'");
  auto shown = api().json("GET", "/api/v1/devices/" + name);
  EXPECT_EQ(shown.at("state"), "online");
  EXPECT_EQ(shown.at("activated_at"), "2023-03-17T01:02:03.004Z");
  EXPECT_EQ(shown.at("broker"), "local");
  EXPECT_EQ(shown.at("firmware"), json::parse(R"([{"module":"mcu","hard_ver":"H1","soft_ver":"S1",
      "reported_at":"2023-03-19T00:00:00.000Z"}])"));
  EXPECT_EQ(api().json("POST", "/api/v1/devices/" + name + "/disable").at("state"), "disabled");
  EXPECT_EQ(api().json("POST", "/api/v1/devices/" + name + "/enable").at("state"), "online");
  sql("UPDATE presence SET online = false");
  EXPECT_EQ(api().json("GET", "/api/v1/devices/" + name).at("state"), "offline");
}

TEST_F(Resources, a_reset_forgets_activation_and_keys_and_kicks) {
  const auto product = new_product();
  const auto name = product + ".dev1";
  api().json("POST", "/api/v1/products/" + product + "/devices", {{"node_eui", "dev1"}}, 201);
  sql("INSERT INTO presence (device_id, activated_at, offline_at, last_type1_timestamp) SELECT "
      "device_id, now(), now(), 5 FROM device WHERE product_id = '" +
      product + "'");
  sql("INSERT INTO session_key (device_id, session_id, nonce, expires_at) SELECT device_id, 'A', "
      "16, now() FROM device WHERE product_id = '" +
      product + "'");
  const auto before = sql("SELECT max(revision) FROM device").int64(0, 0);
  auto plugin = pg::Connection::open(database());
  ASSERT_TRUE(plugin->exec("LISTEN xgate_directory"));
  const auto reset = api().json("POST", "/api/v1/devices/" + name + "/reset");
  EXPECT_EQ(reset.at("state"), "unactivated");
  EXPECT_TRUE(reset.at("offline_at").is_null());
  EXPECT_EQ(sql("SELECT count(*) FROM session_key").int64(0, 0), 0);
  EXPECT_EQ(sql("SELECT max(last_type1_timestamp) FROM presence WHERE device_id = (SELECT "
                "device_id FROM device WHERE product_id = '" +
                product + "')")
                .int64(0, 0),
            0);
  EXPECT_GT(sql("SELECT max(revision) FROM device").int64(0, 0), before);  // the plugins are told
  const auto heard = plugin->wait_notifications(10'000);
  ASSERT_TRUE(heard);
  EXPECT_THAT(*heard, testing::Contains(
                          testing::Field(&pg::Connection::Notification::payload, "kick " + name)));
  api().json("POST", "/api/v1/devices/" + product + ".none/reset", nullptr, 404);
}

TEST_F(Resources, deleting_goes_from_the_devices_up) {
  const auto product = new_product();
  const auto name = product + ".dev1";
  api().json("POST", "/api/v1/products/" + product + "/devices", {{"node_eui", "dev1"}}, 201);
  EXPECT_THAT(api().json("DELETE", "/api/v1/products/" + product, nullptr, 409).at("detail").dump(),
              HasSubstr("still has devices"));
  EXPECT_EQ(api().ask("DELETE", "/api/v1/devices/" + name).status, 204);
  EXPECT_EQ(api().ask("DELETE", "/api/v1/devices/" + name).status, 404);
  EXPECT_EQ(api().ask("DELETE", "/api/v1/products/" + product).status, 204);
  EXPECT_EQ(api().ask("DELETE", "/api/v1/products/" + product).status, 404);
}

TEST_F(Resources, lists_go_page_by_page_to_the_end) {
  const auto product = new_product();
  for (const std::string name : {"dev1", "dev2", "dev3"}) {
    api().json("POST", "/api/v1/products/" + product + "/devices", {{"node_eui", name}}, 201);
  }
  const auto target = "/api/v1/products/" + product + "/devices";
  const auto first = api().json("GET", target + "?limit=2");
  ASSERT_EQ(first.at("items").size(), 2U);
  const auto second =
      api().json("GET", target + "?limit=2&cursor=" + first.at("next_cursor").get<std::string>());
  ASSERT_EQ(second.at("items").size(), 1U);
  EXPECT_EQ(second.at("items").at(0).at("node_eui"), "dev3");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(api().json("GET", target + "?state=online").at("items").size(), 0U);
  EXPECT_EQ(api().json("GET", target + "?state=unactivated").at("items").size(), 3U);
  for (const std::string bad : {"?limit=0", "?limit=1001", "?limit=x", "?cursor=zz", "?state=on",
                                "?colour=red", "?limit=1&limit=2", "?after=1"}) {
    api().json("GET", target + bad, nullptr, 400);
  }
  api().json("GET", "/api/v1/products/FFFFFFFF/devices", nullptr, 404);
}

TEST_F(Resources, products_are_listed_by_vendor) {
  const auto product = new_product();
  const std::string vendor = api().json("GET", "/api/v1/products/" + product).at("open_id");
  const auto list = api().json("GET", "/api/v1/products?open_id=" + vendor);
  ASSERT_EQ(list.at("items").size(), 1U);
  EXPECT_EQ(list.at("items").at(0).at("product_id"), product);
  EXPECT_GT(api().json("GET", "/api/v1/products").at("items").size(), 1U);
}

}  // namespace
}  // namespace xgate::api
