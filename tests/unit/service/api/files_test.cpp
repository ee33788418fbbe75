// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/service/api/api_fixture.hpp"

namespace xgate::api {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class DeviceFiles : public ApiTest {
 protected:
  static json import(const std::string& csv, int status = 200) {
    const auto answer = api().ask("POST", "/api/v1/devices/import", csv, "text/csv");
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body);
  }
};

TEST_F(DeviceFiles, good_lines_are_imported_and_bad_ones_told) {
  const auto p = new_product(2);
  const std::string secret(32, 'A');
  const auto done = import("product_id,node_eui,device_secret\r\n" + p + ",dev1," + secret +
                           "\r\n" + p + ",dev2,\r\n" + p + ",a-b,\r\n" + p + ",dev3,xyz\r\n" +
                           "FFFFFFFF,dev4,\r\n" + p + "\r\n" + p + ",d\"ev5,\r\n" + p + ",dev1," +
                           secret + "\r\n" + p + ",dev1," + std::string(32, 'B') + "\r\n");
  EXPECT_EQ(done.at("imported"), 2);
  EXPECT_EQ(done.at("unchanged"), 1);
  EXPECT_EQ(done.at("rejected"), 6);
  std::vector<int> lines;
  for (const auto& error : done.at("errors")) {
    lines.push_back(error.at("line"));
    EXPECT_EQ(error.at("reason").dump().find(secret), std::string::npos);
  }
  EXPECT_THAT(lines, ::testing::ElementsAre(4, 5, 6, 7, 8, 10));
  const auto device = api().json("GET", "/api/v1/devices/" + p + ".dev1?reveal=true");
  EXPECT_EQ(device.at("device_secret"), secret);
  EXPECT_EQ(device.at("registered_by"), "import");
}

TEST_F(DeviceFiles, an_import_twice_changes_nothing) {
  const auto p = new_product(2);
  const auto csv = "product_id,node_eui\n" + p + ",dev1\n" + p + ",dev2\n";
  EXPECT_EQ(import(csv).at("imported"), 2);
  const auto again = import(csv);
  EXPECT_EQ(again.at("imported"), 0);
  EXPECT_EQ(again.at("unchanged"), 2);
}

TEST_F(DeviceFiles, a_wrong_header_imports_nothing) {
  for (const std::string csv :
       {"node_eui,product_id,colour\n", "product_id\n", "a,b\n1,2\n", "\n"}) {
    EXPECT_THAT(import(csv, 422).at("detail").dump(), HasSubstr("header")) << csv;
  }
}

TEST_F(DeviceFiles, many_thousand_lines_go_in_and_come_out) {
  const auto p = new_product(2);
  std::string csv = "product_id,node_eui\n";
  for (int i = 0; i < 20000; ++i) csv += p + ",dev" + std::to_string(100000 + i) + "\n";
  EXPECT_EQ(import(csv).at("imported"), 20000);
  const auto out = api().ask("GET", "/api/v1/devices/export?reveal=true&product_id=" + p);
  ASSERT_EQ(out.status, 200);
  EXPECT_TRUE(out.complete);
  EXPECT_THAT(out.header("Content-Type"), StartsWith("text/csv"));
  EXPECT_THAT(out.body, StartsWith("open_id,product_id,product_key,node_eui,device_secret,"
                                   "client_id,username,password\n"));
  EXPECT_EQ(std::count(out.body.begin(), out.body.end(), '\n'), 20001);
  EXPECT_THAT(out.body, HasSubstr(",dev119999,"));
}

TEST_F(DeviceFiles, an_export_wants_a_product) {
  api().json("GET", "/api/v1/devices/export", nullptr, 400);
  api().json("GET", "/api/v1/devices/export?product_id=FFFFFFFF", nullptr, 404);
  const auto empty = api().ask("GET", "/api/v1/devices/export?product_id=" + new_product());
  EXPECT_EQ(std::count(empty.body.begin(), empty.body.end(), '\n'), 1);
  EXPECT_TRUE(empty.complete);
}

class History : public ApiTest {
 protected:
  static void say(const std::string& product, int number, const std::string& raw = "'{}'") {
    sql("INSERT INTO message (received_at, product_id, node_eui, topic, message_id, header_ctrl, "
        "payload, raw) VALUES (now(), '" +
        product + "', 'dev1', 't', '" + std::to_string(number) + "', 4, '{\"a\":[1]}', " + raw +
        ")");
  }
  static std::vector<int> ids(const json& list) {
    std::vector<int> found;
    for (const auto& item : list.at("items")) found.push_back(item.at("message_id"));
    return found;
  }
};

TEST_F(History, messages_come_newest_first_and_follow_oldest_first) {
  const auto p = new_product();
  const auto target = "/api/v1/devices/" + p + ".dev1/messages";
  api().json("GET", target, nullptr, 404);
  api().json("POST", "/api/v1/products/" + p + "/devices", {{"node_eui", "dev1"}}, 201);
  EXPECT_TRUE(api().json("GET", target).at("items").empty());
  for (int i = 1; i <= 5; ++i) say(p, i);
  const auto newest = api().json("GET", target + "?limit=2");
  EXPECT_THAT(ids(newest), ::testing::ElementsAre(5, 4));
  const std::string cursor = newest.at("next_cursor");
  EXPECT_THAT(ids(api().json("GET", target + "?limit=3&cursor=" + cursor)),
              ::testing::ElementsAre(3, 2, 1));
  EXPECT_TRUE(api().json("GET", target + "?limit=3&cursor=" + cursor).at("next_cursor").is_null());
  const auto last = api().json("GET", target).at("items").at(4);
  sql("SELECT make_tick()");
  const auto followed = api().json("GET", target + "?limit=2&after=earliest");
  EXPECT_THAT(ids(followed), ::testing::ElementsAre(1, 2));
  const std::string on = followed.at("next_cursor");
  EXPECT_THAT(ids(api().json("GET", target + "?cursor=" + on)), ::testing::ElementsAre(3, 4, 5));
  const std::string after = followed.at("position");
  EXPECT_THAT(ids(api().json("GET", target + "?after=" + after)), ::testing::ElementsAre(3, 4, 5));
  EXPECT_EQ(last.at("payload"), json::parse(R"({"a":[1]})"));
  EXPECT_EQ(last.at("raw"), "{}");
}

TEST_F(History, who_lists_and_follows_sees_what_commits_in_between_once) {
  const auto p = new_product();
  const auto target = "/api/v1/devices/" + p + ".dev1/messages";
  say(p, 1);
  auto late = pg::Connection::open(database());
  ASSERT_TRUE(late->exec_script(
      "BEGIN; INSERT INTO message (received_at, product_id, node_eui, topic, message_id, raw) "
      "VALUES (now(), '" +
      p + "', 'dev1', 't', '2', '')"));
  say(p, 3);  // a later sequence, committed first
  const auto listed = api().json("GET", target + "?limit=1");
  EXPECT_THAT(ids(listed), ::testing::ElementsAre(3));
  ASSERT_TRUE(late->exec_script("COMMIT"));
  sql("SELECT make_tick()");
  const std::string cursor = listed.at("next_cursor");
  EXPECT_THAT(ids(api().json("GET", target + "?cursor=" + cursor)), ::testing::ElementsAre(1));
  const std::string position = listed.at("position");
  EXPECT_THAT(ids(api().json("GET", target + "?after=" + position)), ::testing::ElementsAre(2));
}

TEST_F(History, a_position_that_is_not_kept_is_gone_and_the_earliest_is_told) {
  const auto gone = api().json("GET", "/api/v1/refusals?after=1.999999999.1", nullptr, 410);
  EXPECT_EQ(gone.at("type"), "urn:xgate:problem:gone");
  const std::string earliest = gone.at("position");
  api().json("GET", "/api/v1/refusals?after=" + earliest);
}

TEST_F(History, bytes_that_are_no_text_come_as_base64) {
  const auto p = new_product();
  say(p, 1, "'\\xff00'::bytea");
  const auto item = api().json("GET", "/api/v1/devices/" + p + ".dev1/messages").at("items").at(0);
  EXPECT_EQ(item.at("raw_encoding"), "base64");
  EXPECT_EQ(item.at("raw"), "/wA=");
}

// Readers of JSON, our own command line among them, refuse a string with a NUL.
TEST_F(History, a_nul_comes_as_base64) {
  const auto p = new_product();
  say(p, 1, "'\\x6100'::bytea");
  const auto item = api().json("GET", "/api/v1/devices/" + p + ".dev1/messages").at("items").at(0);
  EXPECT_EQ(item.at("raw_encoding"), "base64");
  EXPECT_EQ(item.at("raw"), "YQA=");
}

TEST_F(History, a_page_of_large_messages_ends_early) {
  const auto p = new_product();
  for (int i = 0; i < 7; ++i) say(p, i, "convert_to(repeat('x', 1000000), 'UTF8')");
  std::vector<int> all;
  std::string target = "/api/v1/devices/" + p + ".dev1/messages";
  for (std::string query = "?limit=1000"; !query.empty();) {
    const auto page = api().json("GET", target + query);
    EXPECT_LE(page.at("items").size(), 5U);
    for (const int id : ids(page)) all.push_back(id);
    const auto& cursor = page.at("next_cursor");
    query = cursor.is_null() ? "" : "?cursor=" + cursor.get<std::string>();
  }
  EXPECT_THAT(all, ::testing::ElementsAre(6, 5, 4, 3, 2, 1, 0));
}

TEST_F(History, refusals_are_filtered_by_device) {
  sql("INSERT INTO refusal (refused_at, what, broker, product_id, node_eui, client_id, username, "
      "address, requirement, reason) VALUES (now(), 'login', 'local', 'P1', 'n1', 'c', 'u', "
      "'127.0.0.1', 'V2-2', 'wrong password'), (now(), 'publish', 'local', 'P1', 'n2', 'c', 'u', "
      "'127.0.0.1', 'TOPIC-3', 'no')");
  EXPECT_EQ(api().json("GET", "/api/v1/refusals").at("items").size(), 2U);
  const auto one = api().json("GET", "/api/v1/refusals?product_id=P1&node_eui=n1&limit=1");
  ASSERT_EQ(one.at("items").size(), 1U);
  EXPECT_EQ(one.at("items").at(0).at("requirement"), "V2-2");
  EXPECT_TRUE(one.at("next_cursor").is_null());
  sql("SELECT make_tick()");
  EXPECT_EQ(api().json("GET", "/api/v1/refusals?after=earliest").at("items").at(0).at("what"),
            "login");
}

}  // namespace
}  // namespace xgate::api
