// SPDX-License-Identifier: Apache-2.0
#include "cli/api.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fakes/http_peer.hpp"

namespace xgate::cli {
namespace {

std::string problem_sentence(const HttpReply& reply) {
  auto [sentence, below] = problem_text(reply);
  for (const std::string& line : below) sentence += '\n' + line;
  return sentence;
}

using fakes::HttpPeer;
using nlohmann::json;

TEST(Problem, is_its_detail_with_the_requirement) {
  EXPECT_EQ(
      problem_sentence({404, "application/problem+json",
                        R"({"title":"Not found","status":404,"detail":"There is no product X."})"}),
      "There is no product X");
  EXPECT_EQ(
      problem_sentence({422, "", R"({"detail":"the NodeEui is illegal","requirement":"ID-3"})"}),
      "the NodeEui is illegal (ID-3)");
  EXPECT_EQ(problem_sentence({422, "", R"({"detail":"ID-3: illegal","requirement":"ID-3"})"}),
            "ID-3: illegal");
  EXPECT_EQ(problem_sentence({409, "", R"({"title":"Conflict"})"}), "Conflict");
}

TEST(Problem, without_a_word_is_told_by_its_status) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"detail":5})"}) {
    EXPECT_NE(problem_sentence({502, "", body}).find("502"), std::string::npos) << body;
  }
}

TEST(Problem, names_the_members_at_fault_once) {
  EXPECT_EQ(problem_sentence({422, "", R"({"detail":"name is missing",
                "errors":[{"pointer":"/name","detail":"is missing"},
                          {"pointer":"/kind","detail":"must be known"}]})"}),
            "name is missing; kind must be known");
  EXPECT_EQ(problem_sentence({422, "", R"({"detail":"name is missing",
                "errors":[{"pointer":"/name","detail":"is missing"}]})"}),
            "name is missing");
}

TEST(Problem, lists_every_fault_of_a_document_with_its_place) {
  EXPECT_EQ(problem_sentence({422, "", R"({"detail":"the thing model is not valid, it has an error",
                "errors":[{"pointer":"/properties/0/name","detail":"is missing"}]})"}),
            "the thing model is not valid, it has an error:\n  /properties/0/name  is missing");
  EXPECT_EQ(problem_sentence({422, "", R"({"detail":"the model is not valid",
                "errors":[{"pointer":"/a/0","detail":"is missing"},
                          {"pointer":"/b","detail":"is wrong"},
                          {"pointer":"","detail":"is long"}]})"}),
            "the model is not valid:\n  /a/0  is missing\n  /b  is wrong\n  it is long");
}

TEST(Problem, of_the_token_says_how_to_give_one) {
  EXPECT_NE(
      problem_sentence({401, "", R"({"detail":"the token is not known"})"}).find("--token-file"),
      std::string::npos);
}

TEST(Query, is_encoded_and_leaves_out_what_is_empty) {
  EXPECT_EQ(with_query("/x", {{"a", "1 2"}, {"b", ""}, {"c", "3"}}), "/x?a=1%202&c=3");
  EXPECT_EQ(with_query("/x", {{"b", ""}}), "/x");
}

std::string key_of(const HttpPeer::Request& request) {
  constexpr std::string_view name = "\r\nIdempotency-Key: ";
  const auto at = request.head.find(name);
  if (at == std::string::npos) return {};
  const auto begin = at + name.size();
  return request.head.substr(begin, request.head.find("\r\n", begin) - begin);
}

const HttpPeer::Answer lost_answer{0, ""};
const HttpPeer::Answer unknown_outcome{
    503, R"({"type":"urn:xgate:problem:outcome-unknown","detail":"?"})"};
const HttpPeer::Answer still_in_progress{
    409, R"({"type":"urn:xgate:problem:in-progress","detail":"…"})"};
const HttpPeer::Answer database_away{503,
                                     R"({"type":"urn:xgate:problem:unavailable","detail":"away"})"};
const HttpPeer::Answer taken_already{409,
                                     R"({"type":"urn:xgate:problem:conflict","detail":"taken"})"};
const HttpPeer::Answer well_done{201, R"({"id":7})"};

/// A POST whose tries are answered like this, and how often it was sent.
Result<json> post(const std::vector<HttpPeer::Answer>& answers, std::size_t tries) {
  HttpPeer peer(answers);
  Api api(HttpClient(peer.url(), "t"));
  api.resend_after(std::vector(2, std::chrono::milliseconds(1)));
  auto answer = api.post("/things", {{"name", "x"}});
  const auto requests = peer.requests();
  EXPECT_EQ(requests.size(), tries);
  for (const auto& request : requests) {
    EXPECT_EQ(key_of(request).size(), 32U);
    EXPECT_EQ(key_of(request), key_of(requests.front()));
    EXPECT_EQ(request.body, requests.front().body);
  }
  return answer;
}

TEST(Post, is_sent_again_under_its_key_until_it_is_known_whether_it_was_done) {
  for (const auto& first :
       {lost_answer, unknown_outcome, still_in_progress, HttpPeer::Answer{502, ""}}) {
    const auto answer = post({first, database_away, well_done}, 3);
    ASSERT_TRUE(answer) << first.status;
    EXPECT_EQ(answer->at("id"), 7);
  }
  EXPECT_EQ(post({lost_answer, taken_already}, 2).error().sentence, "taken");
}

TEST(Post, that_may_be_done_is_asked_for_until_there_is_a_place) {
  const HttpPeer::Answer no_place{429, R"({"type":"urn:xgate:problem:too-many-connections"})"};
  EXPECT_TRUE(post({lost_answer, no_place, well_done}, 3));
}

TEST(Post, that_was_refused_or_did_not_begin_is_not_sent_again) {
  for (const auto& first : {taken_already, database_away, HttpPeer::Answer{500, "{}"}}) {
    EXPECT_FALSE(post({first, well_done}, 1));
  }
}

TEST(Post, of_which_nobody_knows_whether_it_was_done_says_so) {
  const std::string look = "whether this was done is not known: look before you do it again";
  EXPECT_EQ(post({lost_answer, unknown_outcome, unknown_outcome}, 3).error().sentence, look);
  EXPECT_EQ(post({lost_answer, unknown_outcome, database_away}, 3).error().sentence,
            "away; " + look);
}

TEST(Post, has_a_new_key_each_time_and_a_get_has_none) {
  HttpPeer peer({well_done, well_done, well_done});
  Api api(HttpClient(peer.url(), "t"));
  ASSERT_TRUE(api.post("/things", nullptr));
  ASSERT_TRUE(api.post("/things", nullptr));
  ASSERT_TRUE(api.get("/things"));
  const auto requests = peer.requests();
  EXPECT_NE(key_of(requests[0]), key_of(requests[1]));
  EXPECT_EQ(key_of(requests[2]), "");
}

std::vector<int> read_list(HttpPeer& peer, std::optional<std::int64_t> limit, Outcome& outcome) {
  Api api(HttpClient(peer.url(), "t"));
  std::vector<int> items;
  outcome = api.each("/things", {{"state", "online"}}, limit,
                     [&](json item) { items.push_back(item.get<int>()); });
  return items;
}

TEST(List, is_read_page_by_page_to_its_end) {
  HttpPeer peer({{200, R"({"items":[1,2],"next_cursor":"a/b"})"},
                 {200, R"({"items":[3],"next_cursor":null})"}});
  Outcome outcome;
  EXPECT_EQ(read_list(peer, std::nullopt, outcome), (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(outcome);
  const auto requests = peer.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].target, "/api/v1/things?state=online&limit=500");
  EXPECT_EQ(requests[1].target, "/api/v1/things?state=online&limit=500&cursor=a%2Fb");
}

TEST(List, stops_at_the_limit) {
  HttpPeer peer({{200, R"({"items":[1,2],"next_cursor":"x"})"},
                 {200, R"({"items":[3,4],"next_cursor":"y"})"}});
  Outcome outcome;
  EXPECT_EQ(read_list(peer, 3, outcome), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(peer.requests()[1].target, "/api/v1/things?state=online&limit=1&cursor=x");
  EXPECT_EQ(peer.requests().size(), 2U);
}

TEST(List, that_is_none_is_a_failure) {
  for (const char* body : {"{}", R"({"items":5})", "[]", "<html>"}) {
    HttpPeer peer({{200, body}});
    Outcome outcome;
    read_list(peer, std::nullopt, outcome);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().status, status_failed);
  }
}

}  // namespace
}  // namespace xgate::cli
