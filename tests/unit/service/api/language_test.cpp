// SPDX-License-Identifier: Apache-2.0
#include "service/api/language.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace xgate::api {
namespace {

using nlohmann::json;

json body_in(const char* language, Response response) {
  return json::parse(in_language(std::move(response), language).body);
}

TEST(Language, a_problem_is_told_in_the_language_that_the_request_prefers) {
  const Response problem = to_response(not_found("there is no product AA30C505"));
  EXPECT_EQ(body_in("zh-CN,zh;q=0.9", problem)["detail"], "没有产品 AA30C505");
  EXPECT_EQ(body_in("zh-CN,zh;q=0.9", problem)["title"], "未找到");
  EXPECT_EQ(body_in("zh-CN", problem)["type"], "urn:xgate:problem:not-found");
  EXPECT_EQ(body_in("en, zh;q=0.5", problem)["detail"], "there is no product AA30C505");
  EXPECT_EQ(body_in("", problem)["detail"], "there is no product AA30C505");
}

TEST(Language, reasons_in_a_list_are_translated_and_what_devices_sent_is_not) {
  Response list;
  list.body = R"({"items":[{"reason":"no such product","payload":{"reason":"no such product"}}],)"
              R"("next_cursor":null})";
  const json body = body_in("zh", list);
  EXPECT_EQ(body["items"][0]["reason"], "没有该产品");
  EXPECT_EQ(body["items"][0]["payload"]["reason"], "no such product");
}

TEST(Language, what_is_not_json_stays_as_it_is) {
  Response csv;
  csv.content_type = "text/csv";
  csv.body = "no such product\n";
  EXPECT_EQ(in_language(csv, "zh").body, csv.body);
}

TEST(Language, caches_are_told_what_the_answer_depends_on) {
  const Response answer = in_language(to_response(not_found("there is no product X")), "zh");
  EXPECT_EQ(answer.headers.back(), (std::pair<std::string, std::string>("Content-Language", "zh")));
  EXPECT_EQ(answer.headers.front(),
            (std::pair<std::string, std::string>("Vary", "Accept-Language")));
}

}  // namespace
}  // namespace xgate::api
