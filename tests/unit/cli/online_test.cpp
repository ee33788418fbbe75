// SPDX-License-Identifier: Apache-2.0
// The commands that talk to the service: what they ask it, and what they make of its answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fakes/http_peer.hpp"
#include "run_xgate.hpp"

namespace xgate::cli::test {
namespace {

using fakes::HttpPeer;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Online : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string token_file = folder.write("token", "xgate_the-token\n");

  Xgate xgate(const HttpPeer& peer) const {
    Xgate program;
    program.url = peer.url();
    program.token_file = token_file;
    return program;
  }
};

struct Asked {
  Words words;
  std::string request;  ///< method, target
  json body;            ///< null: none
};

TEST_F(Online, each_command_asks_the_service_for_its_own_thing) {
  const std::string secret = "326086233FAB8A96566796551EB1DFF8";
  const std::vector<Asked> table{
      {{"vendor", "add", "--name", "利尔达"}, "POST /vendors", {{"name", "利尔达"}}},
      {{"vendor", "add", "--name", "x", "--open-id", "7ED01E2A"},
       "POST /vendors",
       {{"name", "x"}, {"open_id", "7ED01E2A"}}},
      {{"vendor", "set", "7ED01E2A", "--enabled", "off"},
       "PATCH /vendors/7ED01E2A",
       {{"enabled", false}}},
      {{"product", "add", "--vendor", "7ED01E2A", "--name", "m", "--auth", "1", "--kind", "json",
        "--encrypted", "--key-lifetime", "48h", "--product-id", "AA30C505", "--product-key",
        secret},
       "POST /products",
       {{"open_id", "7ED01E2A"},
        {"name", "m"},
        {"auth_type", 1},
        {"kind", "json"},
        {"encrypted", true},
        {"key_lifetime_s", 172800},
        {"product_id", "AA30C505"},
        {"product_key", secret}}},
      {{"product", "show", "AA30C505"}, "GET /products/AA30C505", nullptr},
      {{"product", "set", "AA30C505", "--key-reading", "auto", "--reveal-device-secret", "on",
        "--reauth", "until_activated", "--accept-plaintext", "on", "--allow-hash", "off",
        "--require-type-1", "on", "--topic-names", "table", "--enabled", "on"},
       "PATCH /products/AA30C505",
       {{"key_reading", nullptr},
        {"reveal_device_secret", true},
        {"reauth", "until_activated"},
        {"accept_plaintext", true},
        {"allow_hash", false},
        {"require_type_1", true},
        {"topic_names", "table"},
        {"enabled", true}}},
      {{"device", "add", device_name},
       "POST /products/AA30C505/devices",
       {{"node_eui", "20MQTTJ000121"}}},
      {{"device", "add", device_name, "--secret", secret},
       "POST /products/AA30C505/devices",
       {{"node_eui", "20MQTTJ000121"}, {"device_secret", secret}}},
      {{"device", "show", device_name}, "GET /devices/" + device_name, nullptr},
      {{"device", "show", device_name, "--reveal"},
       "GET /devices/" + device_name + "?reveal=true",
       nullptr},
      {{"product", "show", "AA30C505", "--reveal"}, "GET /products/AA30C505?reveal=true", nullptr},
      {{"device", "enable", device_name}, "POST /devices/" + device_name + "/enable", nullptr},
      {{"device", "disable", device_name}, "POST /devices/" + device_name + "/disable", nullptr},
      {{"device", "reset", device_name}, "POST /devices/" + device_name + "/reset", nullptr},
      {{"device", "delete", device_name}, "DELETE /devices/" + device_name, nullptr},
      {{"product", "delete", "AA30C505"}, "DELETE /products/AA30C505", nullptr},
  };
  for (const Asked& row : table) {
    HttpPeer peer({{200, R"({"name":"answer"})"}});
    const Ran ran = xgate(peer)(row.words);
    EXPECT_EQ(ran.status, 0) << row.request << ran.err;
    ASSERT_EQ(peer.requests().size(), 1U) << row.request;
    const auto request = peer.requests()[0];
    const std::size_t space = row.request.find(' ');
    EXPECT_EQ(request.method + " " + request.target,
              row.request.substr(0, space) + " /api/v1" + row.request.substr(space + 1));
    EXPECT_THAT(request.head, HasSubstr("Bearer xgate_the-token"));
    EXPECT_EQ(request.body.empty() ? json() : json::parse(request.body), row.body) << row.request;
  }
}

TEST_F(Online, a_token_is_asked_for_with_its_role_scope_and_end) {
  HttpPeer peer({{201, R"({"token_id":5,"name":"bench","token":"xgate_0123"})"}});
  const Ran ran = xgate(peer)({"token", "add", "bench", "--role", "operate", "--product",
                               "AA30C505", "--expires", "2126-01-31T00:00:00Z"});
  EXPECT_EQ(ran.out, "xgate_0123\n");
  EXPECT_EQ(json::parse(peer.requests().at(0).body),
            json({{"name", "bench"},
                  {"role", "operate"},
                  {"product_id", "AA30C505"},
                  {"expires_at", "2126-01-31T00:00:00Z"}}));
  EXPECT_EQ(xgate(peer)({"token", "add", "bench"}).status, 2) << "its role must be said";
}

TEST_F(Online, lists_ask_with_their_filters) {
  const std::vector<std::pair<Words, std::string>> table{
      {{"vendor", "list"}, "/api/v1/vendors?limit=500"},
      {{"product", "list", "--vendor", "7ED01E2A"}, "/api/v1/products?open_id=7ED01E2A&limit=500"},
      {{"device", "list", "--product", "AA30C505", "--state", "online", "--limit", "3"},
       "/api/v1/products/AA30C505/devices?state=online&limit=3"},
      {{"messages", device_name}, "/api/v1/devices/" + device_name + "/messages?limit=20"},
      {{"refusals", device_name, "--limit", "5"},
       "/api/v1/refusals?product_id=AA30C505&node_eui=20MQTTJ000121&limit=5"},
      {{"refusals"}, "/api/v1/refusals?limit=20"},
      {{"refusals", "AA30C505", "--until", "2026-11-23 02:00:00 Z"},
       "/api/v1/refusals?product_id=AA30C505&until=2026-11-23T02%3A00%3A00Z&limit=20"},
      {{"messages", "--since", "2026-11-23T10:04:50+08:00"},
       "/api/v1/messages?since=2026-11-23T02%3A04%3A50Z&limit=21"},
      {{"messages", "AA30C505", "--topic", "model/#", "--verdict", "4001"},
       "/api/v1/products/AA30C505/messages?topic=model%2F%23&verdict=4001&limit=20"}};
  for (const auto& [words, target] : table) {
    HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
    Words as_json = words;
    as_json.emplace_back("--json");
    const Ran ran = xgate(peer)(as_json);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "[]\n");
    ASSERT_EQ(peer.requests().size(), 1U);
    EXPECT_EQ(peer.requests()[0].target, target);
  }
}

TEST_F(Online, a_refusal_is_one_sentence_on_stderr_and_status_1_also_with_json) {
  HttpPeer peer(
      {{409, R"({"detail":"There is a device_name of that name already.","requirement":"ID-3"})"},
       {409, R"({"detail":"There is a device_name of that name already.","requirement":"ID-3"})"}});
  for (const Words& words :
       {Words{"device", "add", device_name}, Words{"--json", "device", "add", device_name}}) {
    const Ran ran = xgate(peer)(words);
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.out, IsEmpty());
    EXPECT_EQ(ran.err, "xgate: There is a device_name of that name already (ID-3)\n");
  }
}

TEST_F(Online, options_win_over_the_environment_before_and_after_the_command) {
  const HttpPeer wrong({});
  for (const bool before : {true, false}) {
    HttpPeer right({{200, R"({"items":[],"next_cursor":null})"}});
    const std::string other = folder.write("other", "xgate_other-token");
    const Words options{"--url", right.url(), "--token-file", other, "--json"};
    Words words = before ? options : Words{};
    words.insert(words.end(), {"vendor", "list"});
    if (!before) words.insert(words.end(), options.begin(), options.end());
    const Ran ran = xgate(wrong)(words);
    EXPECT_EQ(ran.status, 0) << ran.err;
    ASSERT_EQ(right.requests().size(), 1U);
    EXPECT_THAT(right.requests()[0].head, HasSubstr("Bearer xgate_other-token"));
  }
  EXPECT_THAT(wrong.requests(), IsEmpty());
}

TEST_F(Online, the_token_of_the_checkout_is_found_beside_the_binary) {
  folder.write("checkout/var/admin.token", "xgate_runs-token\n");
  for (const char* bin : {"checkout/build/bin", "checkout/build/dev/bin"}) {
    HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
    Xgate program;
    program.url = peer.url();
    program.binary_dir = folder.path() / bin;
    const Ran ran = program({"vendor", "list", "--json"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(peer.requests().at(0).head, HasSubstr("Bearer xgate_runs-token"));
  }
}

TEST_F(Online, the_token_of_the_packaged_service_is_found_by_who_may_read_it) {
  HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
  Xgate program;
  program.url = peer.url();
  program.packaged_token_file = folder.path() / "lib" / "admin.token";
  EXPECT_THAT(program({"vendor", "list"}).err, HasSubstr("./var/admin.token"));
  std::filesystem::create_directory(folder.path() / "lib");
  EXPECT_THAT(program({"vendor", "list"}).err,
              HasSubstr("lib/admin.token: No such file or directory; the service writes it"));
  folder.write("lib/admin.token", "xgate_packaged-token\n");
  const Ran ran = program({"vendor", "list", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(peer.requests().at(0).head, HasSubstr("Bearer xgate_packaged-token"));
}

TEST_F(Online, without_a_token_it_says_where_it_looked) {
  const HttpPeer peer({});
  Xgate program = xgate(peer);
  program.token_file = (folder.path() / "absent").string();
  const Ran absent = program({"vendor", "list"});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr(program.token_file + ": No such file"));
  program.token_file = folder.write("empty", " \n");
  EXPECT_THAT(program({"vendor", "list"}).err, HasSubstr("is empty"));
  program.token_file.clear();
  EXPECT_THAT(program({"vendor", "list"}).err, HasSubstr("./var/admin.token"));
}

constexpr const char* two_messages = R"({"items":[
  {"sequence":8,"received_at":"2026-11-23T02:00:01.500Z","topic":"/sys/7ED01E2A/AA30C505/20MQTTJ000121/uplink",
   "message_id":2,"header_ctrl":4,"payload":{"temp":25},"payload_text":"{\"temp\":25}","code":"200","requirement":null,"reason":null},
  {"sequence":7,"received_at":"2026-11-23T02:00:00.000Z","topic":"/sys/7ED01E2A/AA30C505/20MQTTJ000121/model/property/report",
   "message_id":"m-1","header_ctrl":16,"payload":null,"code":"4001","requirement":"FRAME-5","reason":"the Payload is missing"}
  ],"next_cursor":null,"position":"1.2.8.5.9"})";

TEST_F(Online, messages_stand_oldest_first_with_their_verdict) {
  HttpPeer peer({{200, two_messages}});
  const Ran ran = xgate(peer)({"messages", device_name});
  EXPECT_EQ(ran.status, 0) << ran.err;
  const std::size_t bad = ran.out.find("✗ 4001 FRAME-5 the Payload is missing");
  const std::size_t good = ran.out.find("{\"temp\":25}  ✓ 200");
  ASSERT_NE(bad, std::string::npos) << ran.out;
  ASSERT_NE(good, std::string::npos) << ran.out;
  EXPECT_LT(bad, good);
  EXPECT_THAT(ran.out, HasSubstr(".500  uplink                 4     2"));
  EXPECT_EQ(ran.out.find('\t'), std::string::npos);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
}

TEST_F(Online, a_payload_is_shown_as_it_came_and_so_is_a_message_that_did_not_open) {
  HttpPeer peer({{200, R"({"items":[
      {"sequence":4,"payload":{"a":1.5,"b":1},"payload_text":"{\"b\": 1,\n\"a\":1.50}","raw":"{frame}"},
      {"sequence":3,"payload":"","payload_text":"\"\"","raw":"{frame}"},
      {"sequence":2,"payload":null,"payload_text":null,"raw":"eyJhIjoxfQA=","raw_encoding":"base64"},
      {"sequence":1,"payload":null,"payload_text":null,"raw":"not json "}],
                           "next_cursor":null})"}});
  const Ran ran = xgate(peer)({"messages", device_name});
  EXPECT_THAT(ran.out, HasSubstr(" \"\" "));
  EXPECT_THAT(ran.out, HasSubstr("not json␣"));
  EXPECT_THAT(ran.out, HasSubstr("{\"b\": 1,␊\"a\":1.50}"));
  EXPECT_THAT(ran.out, HasSubstr("{\"a\":1}␀"));
  EXPECT_EQ(ran.out.find("{frame}"), std::string::npos);
}

TEST_F(Online, messages_as_json_are_the_apis_own) {
  HttpPeer peer({{200, two_messages}});
  EXPECT_EQ(json::parse(xgate(peer)({"messages", device_name, "--json"}).out),
            json::parse(two_messages)["items"]);
  HttpPeer ordered({{200, R"({"items":[{"z":1,"a":{"y":[{"d":1,"c":2}],"b":2}}]})"}});
  EXPECT_EQ(xgate(ordered)({"messages", device_name, "--json"}).out,
            "[{\"z\":1,\"a\":{\"y\":[{\"d\":1,\"c\":2}],\"b\":2}}]\n");
}

TEST_F(Online, a_follow_goes_on_from_the_newest_and_ends_cleanly) {
  HttpPeer peer(
      {{200, two_messages},
       {200, R"({"items":[],"next_cursor":null,"position":"1.2.8"})"},
       {200,
        R"({"items":[{"sequence":9},{"sequence":11}],"next_cursor":null,"position":"1.3.11"})"},
       {200, R"({"items":[],"next_cursor":null,"position":"1.3.11"})"}});
  Xgate program = xgate(peer);
  program.rounds = 2;
  const Ran ran = program({"messages", device_name, "--follow", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  std::istringstream lines(ran.out);
  std::vector<int> sequences;
  for (std::string line; std::getline(lines, line);) {
    sequences.push_back(json::parse(line)["sequence"].get<int>());
  }
  EXPECT_EQ(sequences, (std::vector<int>{7, 8, 9, 11}));
  ASSERT_EQ(peer.requests().size(), 4U);
  EXPECT_THAT(peer.requests()[1].target, HasSubstr("after=1.2.8.5.9"));
  EXPECT_THAT(peer.requests()[2].target, HasSubstr("after=1.2.8&"));
  EXPECT_THAT(peer.requests()[3].target, HasSubstr("after=1.3.11"));
}

TEST_F(Online, a_follow_of_new_ones_only_starts_behind_the_newest) {
  HttpPeer peer({{200, two_messages}, {200, R"({"items":[],"next_cursor":null})"}});
  const Ran ran = xgate(peer)({"messages", device_name, "--follow", "--limit", "0", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, IsEmpty());
  EXPECT_THAT(peer.requests().at(1).target, HasSubstr("after=1.2.8.5.9"));
}

TEST_F(Online, a_follow_goes_on_from_what_is_kept_and_says_so) {
  HttpPeer peer({{200, two_messages},
                 {410, R"({"detail":"gone","position":"2.7.0"})"},
                 {200, R"({"items":[{"sequence":9}],"next_cursor":null,"position":"2.8.9"})"}});
  Xgate program = xgate(peer);
  program.rounds = 0;
  const Ran ran = program({"messages", device_name, "--follow", "--limit", "0", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "{\"sequence\":9}\n");
  EXPECT_THAT(ran.err, HasSubstr("not kept any more"));
  EXPECT_THAT(peer.requests().at(2).target, HasSubstr("after=2.7.0"));
}

TEST_F(Online, a_follow_outlives_a_service_that_is_away_and_says_so_once) {
  HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"},
                 {503, R"({"detail":"the database is away"})"},
                 {503, R"({"detail":"the database is away"})"},
                 {200, R"({"items":[{"sequence":1}],"next_cursor":null})"}});
  Xgate program = xgate(peer);
  program.rounds = 2;
  const Ran ran = program({"refusals", "--follow", "--json"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "{\"sequence\":1}\n");
  EXPECT_EQ(ran.err, "xgate: the database is away; waiting for it\nxgate: the service is back\n");
}

TEST_F(Online, a_follow_comes_again_where_all_connections_are_taken_when_it_is_told_to) {
  const std::string taken =
      R"({"type":"urn:xgate:problem:too-many-connections","detail":"all are taken"})";
  HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"},
                 {429, taken, "application/problem+json", "Retry-After: 3\r\n"},
                 {200, R"({"items":[{"sequence":1}],"next_cursor":null})"},
                 {429, R"({"type":"urn:xgate:problem:too-many-failures","detail":"guessed"})"}});
  Xgate program = xgate(peer);
  program.rounds = 5;
  const Ran ran = program({"refusals", "--follow", "--json"});
  EXPECT_EQ(ran.status, 1) << "who guesses does not go on";
  EXPECT_EQ(ran.out, "{\"sequence\":1}\n");
  EXPECT_EQ(ran.err,
            "xgate: all are taken; waiting for it\nxgate: the service is back\nxgate: guessed\n");
  EXPECT_EQ(program.waits.at(0), std::chrono::seconds(3));
}

TEST_F(Online, a_follow_waits_for_a_device_that_is_not_there_yet) {
  const std::string absent = R"({"detail":"there is no device AA30C505.20MQTTJ000121"})";
  HttpPeer peer({{404, absent},
                 {200, R"({"items":[{"sequence":5}],"next_cursor":null,"position":"1.2.5"})"},
                 {404, absent},
                 {200, R"({"items":[],"next_cursor":null,"position":"1.2.6"})"},
                 {200, R"({"items":[{"sequence":7}],"next_cursor":null,"position":"1.3.7"})"}});
  Xgate program = xgate(peer);
  program.rounds = 1;
  const Ran ran = program({"messages", device_name, "--follow", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "{\"sequence\":7}\n");
  EXPECT_EQ(ran.err, "xgate: there is no device AA30C505.20MQTTJ000121; waiting for it\n");
  EXPECT_EQ(peer.requests().at(1).target, "/api/v1/messages?limit=1");
  EXPECT_THAT(peer.requests().at(3).target, HasSubstr("after=1.2.5&"));
}

TEST_F(Online, a_device_that_comes_just_before_the_wait_is_shown) {
  HttpPeer peer({{404, R"({"detail":"no such device"})"},
                 {200, R"({"items":[],"next_cursor":null,"position":"1.2.5"})"},
                 {200, two_messages},
                 {200, R"({"items":[],"next_cursor":null,"position":"1.2.8"})"}});
  Xgate program = xgate(peer);
  program.rounds = 0;
  const Ran ran = program({"messages", device_name, "--follow", "--json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  EXPECT_THAT(ran.out, HasSubstr("\"sequence\":8"));
  EXPECT_THAT(peer.requests().at(3).target, HasSubstr("after=1.2.8.5.9"));
}

TEST_F(Online, more_of_a_time_than_is_shown_is_told) {
  HttpPeer peer({{200, two_messages}});
  const Ran ran = xgate(peer)({"messages", "--since", "1h", "--limit", "1", "--json"});
  EXPECT_EQ(json::parse(ran.out).size(), 1U);
  EXPECT_EQ(ran.err, "xgate: these are the newest 1 of that time; --limit shows more\n");
}

TEST_F(Online, a_follow_of_what_is_deleted_meanwhile_fails) {
  HttpPeer peer(
      {{200, R"({"items":[],"next_cursor":null})"}, {404, R"({"detail":"no such device"})"}});
  Xgate program = xgate(peer);
  program.rounds = 5;
  const Ran ran = program({"messages", device_name, "--follow"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("no such device"));
}

TEST_F(Online, import_sends_the_file_without_its_byte_order_mark_and_tells_the_files_lines) {
  HttpPeer peer(
      {{200,
        R"({"imported":1,"unchanged":1,"rejected":1,"errors":[{"line":4,"reason":"the NodeEui is illegal"}]})"}});
  const std::string file = folder.write(
      "d.csv",
      "\xEF\xBB\xBFproduct_id,node_eui\r\nAA30C505,A001\r\nAA30C505,A002\r\nAA30C505,!\r\n");
  const Ran ran = xgate(peer)({"device", "import", file});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "imported 1, unchanged 1, refused 1\n");
  EXPECT_THAT(ran.err, HasSubstr(file + ":4: the NodeEui is illegal\n"));
  EXPECT_THAT(ran.err, HasSubstr("1 line was refused"));
  const auto request = peer.requests().at(0);
  EXPECT_EQ(request.target, "/api/v1/devices/import");
  EXPECT_THAT(request.head, HasSubstr("Content-Type: text/csv"));
  EXPECT_EQ(request.body, "product_id,node_eui\nAA30C505,A001\nAA30C505,A002\nAA30C505,!\n");
}

std::string lines_of(int count) {
  std::string csv = "product_id,node_eui\n";
  for (int i = 0; i < count; ++i) csv += "AA30C505,N" + std::to_string(10000 + i) + "\n";
  return csv;
}

TEST_F(Online, a_long_import_goes_in_parts_that_each_have_the_heading) {
  HttpPeer peer(
      {{200, R"({"imported":1000,"unchanged":0,"errors":[]})"},
       {200, R"({"imported":1000,"unchanged":0,"errors":[]})"},
       {200,
        R"({"imported":499,"unchanged":0,"rejected":1,"errors":[{"line":2,"reason":"bad"}]})"}});
  Xgate program = xgate(peer);
  program.input = lines_of(2500);
  const Ran ran = program({"device", "import", "-", "--json"});
  EXPECT_EQ(ran.status, 1);
  const json expected{{"imported", 2499},
                      {"unchanged", 0},
                      {"rejected", 1},
                      {"errors", json::array({{{"line", 2002}, {"reason", "bad"}}})}};
  EXPECT_EQ(json::parse(ran.out), expected);
  ASSERT_EQ(peer.requests().size(), 3U);
  EXPECT_THAT(peer.requests()[2].body,
              testing::StartsWith("product_id,node_eui\nAA30C505,N12000\n"));
}

TEST_F(Online, an_import_of_whole_parts_sends_no_empty_one) {
  HttpPeer peer({{200, R"({"imported":1000,"unchanged":0,"errors":[]})"}});
  Xgate program = xgate(peer);
  program.input = lines_of(1000);
  EXPECT_EQ(program({"device", "import", "-"}).out, "imported 1000, unchanged 0, refused 0\n");
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(Online, an_import_that_breaks_off_says_from_where_to_go_on) {
  HttpPeer peer({{200, R"({"imported":1000,"unchanged":0,"errors":[]})"},
                 {503, R"({"detail":"the database is away"})"}});
  Xgate program = xgate(peer);
  program.input = lines_of(1500);
  const Ran ran = program({"device", "import", "-"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("the database is away; the lines before line 1002 are imported"));
}

TEST_F(Online, scripts_and_firmware_come_from_standard_input_too) {
  HttpPeer peer({{200, R"({"version":1})"}, {201, R"({"image_id":1})"}});
  Xgate program = xgate(peer);
  program.input = "function rawDataToProtocol(bytes) {}\n";
  EXPECT_EQ(program({"script", "set", "AA30C505", "-"}).status, 0);
  program.input = std::string(
      "\x7F"
      "ELF\0\r\n",
      7);
  EXPECT_EQ(
      program({"firmware", "add", "AA30C505", "-", "--version", "2", "--name", "box.bin"}).status,
      0);
  ASSERT_EQ(peer.requests().size(), 2U);
  EXPECT_EQ(peer.requests()[0].body, "function rawDataToProtocol(bytes) {}\n");
  EXPECT_EQ(peer.requests()[1].body, program.input);
  const Ran nameless = program({"firmware", "add", "AA30C505", "-", "--version", "2"});
  EXPECT_EQ(nameless.status, 2);
  EXPECT_THAT(nameless.err, HasSubstr("standard input needs a --name"));
}

TEST_F(Online, what_was_done_is_said_in_the_readers_language) {
  HttpPeer peer(
      {{200, R"({"was_online":false})"},
       {200, R"({"imported":2,"unchanged":0,"errors":[]})"},
       {201, R"({"command_id":12,"state":"failed","reason":"the device answered Code 7"})"},
       {201, R"({"job_id":7,"state":"running","version":"v2","product_id":"AA30C505",
                           "module":"default","released":40,"devices":40,"counts":{"pending":40},
                           "left_out":{"has_version":1,"in_job":1,"devices":[]}})"}});
  Xgate program = xgate(peer);
  program.language = texts::Language::zh;
  program.input = "product_id,node_eui\nAA30C505,A001\nAA30C505,A002\n";
  EXPECT_EQ(program({"device", "kick", device_name}).out, "设备 " + device_name + " 不在线\n");
  EXPECT_EQ(program({"device", "import", "-"}).out, "导入 2，未变 0，拒绝 0\n");
  EXPECT_THAT(program({"send", device_name, "ask", "temp", "--wait", "1s"}).err,
              HasSubstr("命令 12 失败：设备应答 Code 7"));
  EXPECT_THAT(
      program({"upgrade", "start", "AA30C505", "--version", "v2", "--all"}).out,
      AllOf(HasSubstr("任务 7 为 running：产品 AA30C505 升级到 v2；40 台设备中已放开 40 台"),
            HasSubstr("未列入 2 台设备：1 台已是该版本，1 台在另一任务中")));
  program.url = "http://127.7.7.7:9";
  EXPECT_THAT(program({"vendor", "list"}).err,
              HasSubstr("无法访问 http://127.7.7.7:9：连接被拒绝；`./run` 是否在运行？"));
}

TEST_F(Online, a_script_is_tried_from_standard_input) {
  HttpPeer peer({{200, R"({"json":{"id":"1"},"hex":null,"error":null,"time_us":5})"}});
  Xgate program = xgate(peer);
  program.input = "function rawDataToProtocol(bytes) { return {id: '1'}; }\n";
  const Ran ran =
      program({"script", "test", "AA30C505", "--file", "-", "--hex", "00f0ff013FA00000"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(R"({"id":"1"})"));
  EXPECT_EQ(json::parse(peer.requests().at(0).body),
            (json{{"hex", "00f0ff013FA00000"}, {"source", program.input}}));
  program.input = "\xFF\xFE";
  EXPECT_THAT(program({"script", "test", "AA30C505", "--file", "-", "--hex", "00"}).err,
              HasSubstr("standard input is no UTF-8 text"));
}

TEST_F(Online, an_import_without_lines_or_file_fails_before_anything_is_sent) {
  const HttpPeer peer({});
  EXPECT_THAT(xgate(peer)({"device", "import", "-"}).err, HasSubstr("is empty"));
  const Ran absent = xgate(peer)({"device", "import", (folder.path() / "absent.csv").string()});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("No such file or directory"));
  const Ran a_folder = xgate(peer)({"device", "import", folder.path().string()});
  EXPECT_EQ(a_folder.status, 1);
  EXPECT_THAT(a_folder.err, HasSubstr("Is a directory"));
  EXPECT_THAT(peer.requests(), IsEmpty());
}

TEST_F(Online, export_is_the_services_csv_or_the_same_as_json) {
  const std::string csv = "product_id,node_eui\r\nAA30C505,A001\r\nAA30C505,\"A\"\"2\"\r\n";
  HttpPeer peer({{200, csv, "text/csv"}, {200, csv, "text/csv"}});
  EXPECT_EQ(xgate(peer)({"device", "export", "--product", "AA30C505"}).out, csv);
  EXPECT_EQ(peer.requests()[0].target, "/api/v1/devices/export?product_id=AA30C505");
  const json expected = json::array({{{"product_id", "AA30C505"}, {"node_eui", "A001"}},
                                     {{"product_id", "AA30C505"}, {"node_eui", "A\"2"}}});
  EXPECT_EQ(json::parse(xgate(peer)({"device", "export", "--product", "AA30C505", "--json"}).out),
            expected);
}

TEST_F(Online, the_service_is_asked_in_the_readers_language_and_programs_get_english) {
  const auto head_of = [&](const Words& words, texts::Language language) {
    HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
    Xgate program = xgate(peer);
    program.language = language;
    program(words);
    return peer.requests().at(0).head;
  };
  const auto zh = texts::Language::zh;
  EXPECT_THAT(head_of({"vendor", "list"}, zh), HasSubstr("Accept-Language: zh"));
  EXPECT_THAT(head_of({"vendor", "list", "--json", "--lang", "zh"}, zh),
              HasSubstr("Accept-Language: zh"));
  EXPECT_THAT(head_of({"vendor", "list", "--json"}, zh), Not(HasSubstr("Accept-Language")));
  EXPECT_THAT(head_of({"vendor", "list"}, texts::Language::en), Not(HasSubstr("Accept-Language")));
}

TEST_F(Online, a_product_shows_its_lifetime_as_a_duration) {
  HttpPeer peer({{200, R"({"product_id":"AA30C505","key_lifetime_s":172800,"key_reading":null})"}});
  EXPECT_EQ(xgate(peer)({"product", "show", "AA30C505"}).out,
            "product_id    AA30C505\nproduct_key   hidden; --reveal shows it\n"
            "key_lifetime  2d\nkey_reading   auto\n");
}

}  // namespace
}  // namespace xgate::cli::test
