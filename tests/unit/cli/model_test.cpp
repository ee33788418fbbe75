// SPDX-License-Identifier: Apache-2.0
#include "cli/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fakes/http_peer.hpp"
#include "run_xgate.hpp"

namespace xgate::cli::test {
namespace {

using fakes::HttpPeer;
using testing::HasSubstr;

class Model : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string token_file = folder.write("token", "xgate_the-token\n");

  Ran run(const HttpPeer& peer, const std::vector<std::string>& words,
          const std::string& input = {}) const {
    Xgate program;
    program.url = peer.url();
    program.token_file = token_file;
    program.input = input;
    return program(words);
  }
};

TEST_F(Model, indented_keeps_order_and_texts_as_they_are) {
  const std::string text =
      R"({"z":[1,{"a" : "x, \"{y}\" \\"}],"e":{ },"n":[],"t":-1.50e3,"温":null})";
  const std::string pretty = indented(text);
  EXPECT_EQ(pretty,
            "{\n  \"z\": [\n    1,\n    {\n      \"a\": \"x, \\\"{y}\\\" \\\\\"\n    }\n  ],\n"
            "  \"e\": {},\n  \"n\": [],\n  \"t\": -1.50e3,\n  \"温\": null\n}");
  EXPECT_EQ(nlohmann::json::parse(pretty), nlohmann::json::parse(text));
  EXPECT_EQ(indented(pretty), pretty);
  EXPECT_EQ(indented("5"), "5");
  for (const char* broken : {"", "]", "}}}", "\"", "\"\\", "{", "[[["}) indented(broken);
}

TEST_F(Model, set_sends_the_file_as_it_is) {
  const std::string document = "{ \"z\": 1,\n \"a\": [] }";
  const std::string file = folder.write("m.json", document);
  const std::string answer = R"({"version":7,"breaking":[{"pointer":"/x","detail":"y is gone"}]})";
  HttpPeer peer({{201, answer}, {200, answer}, {200, answer}});
  const Ran stored = run(peer, {"model", "set", "AA30C505", file});
  EXPECT_EQ(stored.status, 0) << stored.err;
  EXPECT_THAT(stored.out, HasSubstr("version 7"));
  EXPECT_THAT(stored.out, HasSubstr("y is gone"));
  EXPECT_THAT(run(peer, {"model", "set", "AA30C505", "-", "--check"}, document).out,
              HasSubstr("the thing model is valid"));
  EXPECT_EQ(nlohmann::json::parse(run(peer, {"--json", "model", "set", "AA30C505", file}).out),
            nlohmann::json::parse(answer));
  const auto requests = peer.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method + ' ' + requests[0].target, "PUT /api/v1/products/AA30C505/model");
  EXPECT_EQ(requests[1].target, "/api/v1/products/AA30C505/model?check=true");
  for (const auto& request : requests) EXPECT_EQ(request.body, document);
}

TEST_F(Model, set_asks_nobody_where_the_file_is_no_json) {
  const HttpPeer peer({});
  const Ran ran = run(peer, {"model", "set", "AA30C505", folder.write("m.json", "{\"a\":}")});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("byte 6"));
  EXPECT_EQ(run(peer, {"model", "set", "AA30C505", "/nowhere/m.json"}).status, 1);
}

TEST_F(Model, show_prints_the_document_in_its_order) {
  HttpPeer peer({{200, R"({"product_id":"AA30C505","version":1,"created_at":null,"breaking":[],)"
                       R"("model":{"z":1,"a":{"model":2}}})"},
                 {200, "[]"}});
  const Ran ran = run(peer, {"model", "show", "AA30C505", "--version", "3"});
  EXPECT_EQ(ran.out, "{\n  \"z\": 1,\n  \"a\": {\n    \"model\": 2\n  }\n}\n") << ran.err;
  EXPECT_EQ(peer.requests()[0].target, "/api/v1/products/AA30C505/model?version=3");
  EXPECT_EQ(run(peer, {"model", "show", "AA30C505"}).status, 1) << "no answer of ours";
}

TEST_F(Model, lists_ask_with_their_ranges) {
  const std::string device = "AA30C505.20MQTTJ000121";
  const std::string root = "/api/v1/devices/" + device;
  const std::vector<std::pair<std::vector<std::string>, std::string>> table{
      {{"properties", device}, root + "/properties?limit=500"},
      {{"history", device, "a:b"}, root + "/history/a%3Ab?limit=20"},
      {{"history", device, "t", "--from", "2026-11-23T02:04:50Z", "--limit", "5"},
       root + "/history/t?from=2026-11-23T02%3A04%3A50Z&limit=5"},
      {{"events", device, "--identifier", "hot", "--type", "alert", "--to",
        "2026-11-23T10:04:50+08:00"},
       root + "/events?to=2026-11-23T02%3A04%3A50Z&identifier=hot&type=alert&limit=20"}};
  for (const auto& [words, target] : table) {
    HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
    auto as_json = words;
    as_json.emplace_back("--json");
    EXPECT_EQ(run(peer, as_json).out, "[]\n");
    ASSERT_EQ(peer.requests().size(), 1U);
    EXPECT_EQ(peer.requests()[0].target, target);
  }
  HttpPeer peer({{200, R"({"items":[],"next_cursor":null})"}});
  EXPECT_EQ(run(peer, {"events", device, "--from", "2h"}).status, 0);
  EXPECT_THAT(peer.requests().at(0).target, testing::MatchesRegex(".*from=20.*Z&limit=20"));
  for (const char* wrong : {"yesterday", "2026-11-23", "2026-11-23T02:04:50+99:00", "5"}) {
    EXPECT_EQ(run(peer, {"events", device, "--from", wrong}).status, 2) << wrong;
  }
}

}  // namespace
}  // namespace xgate::cli::test
