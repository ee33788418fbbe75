// SPDX-License-Identifier: Apache-2.0
#include "service/api/router.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/api/input.hpp"

namespace xgate::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Router, finds_the_operation_and_its_parameters) {
  const auto match = find_route(routes(), "POST", "/api/v1/products/0a0b0c0d/devices");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->path, "/api/v1/products/{product_id}/devices");
  EXPECT_THAT(match->parameters, ElementsAre("0a0b0c0d"));
  EXPECT_EQ(find_route(routes(), "POST", "/api/v1/devices/import")->route->body, Body::csv);
  EXPECT_THAT(find_route(routes(), "GET", "/api/v1/devices/A%2EB")->parameters, ElementsAre("A.B"));
}

TEST(Router, tells_a_wrong_path_from_a_wrong_method) {
  for (const auto* path : {"/", "/api/v1", "/api/v1/vendors/", "/api/v1/devices//enable",
                           "/api/v1/devices/%zz", "/api/v1/devices/%00", "/api/v1/devices/%ff",
                           "/api/v1/vendors/\xc0\xaf", "/api/v1/vendors/a/b"}) {
    EXPECT_EQ(find_route(routes(), "GET", path).error().status, 404) << path;
  }
  const auto wrong = find_route(routes(), "DELETE", "/api/v1/vendors").error();
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.allow, "POST, GET");
}

TEST(Router, no_operation_stands_twice_or_behind_another) {
  std::set<std::string> seen;
  for (const auto& route : routes()) {
    EXPECT_TRUE(seen.insert(std::string(route.method) + " " + std::string(route.path)).second);
    // A path reaches its own row, also where a template before it might take it.
    EXPECT_EQ(find_route(routes(), route.method, route.path)->route, &route) << route.path;
  }
}

TEST(Router, wants_the_content_type_of_the_route) {
  const auto& json = *find_route(routes(), "POST", "/api/v1/vendors")->route;
  EXPECT_TRUE(check_content_type(json, "application/json"));
  EXPECT_TRUE(check_content_type(json, "Application/JSON ; charset=utf-8"));
  EXPECT_EQ(check_content_type(json, "text/plain").error().status, 415);
  EXPECT_EQ(check_content_type(json, "").error().status, 415);
  EXPECT_FALSE(check_content_type(json, "application/merge-patch+json"));
  const auto& patch = *find_route(routes(), "PATCH", "/api/v1/vendors/1")->route;
  EXPECT_TRUE(check_content_type(patch, "application/merge-patch+json"));
  const auto& csv = *find_route(routes(), "POST", "/api/v1/devices/import")->route;
  EXPECT_TRUE(check_content_type(csv, "text/csv"));
  EXPECT_FALSE(check_content_type(csv, "application/json"));
}

TEST(Authorization, has_a_token_after_its_scheme_and_blanks) {
  EXPECT_EQ(bearer_token("Bearer t"), "t");
  EXPECT_EQ(bearer_token("bearer  t"), "t") << "RFC 9110, 11.4: one blank or more";
  for (const auto* none : {"", "Bearer", "Bearer ", "Bearert", "Basic t", "Beare"}) {
    EXPECT_FALSE(bearer_token(none)) << none;
  }
}

TEST(Target, is_taken_apart_and_decoded) {
  const auto target = parse_target("/a/b?x=1%202&y=+&z&&w=a=b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a/b");
  EXPECT_THAT(target->query,
              ElementsAre(Pair("x", "1 2"), Pair("y", " "), Pair("z", ""), Pair("w", "a=b")));
  EXPECT_EQ(parse_target("http://host:8080/a/b?x=1")->path, "/a/b") << "RFC 9112, 3.2.2";
  EXPECT_EQ(parse_target("a/b").error().status, 400);
  EXPECT_EQ(parse_target("http://host").error().status, 400);
  EXPECT_EQ(parse_target("/?a=%4").error().status, 400);
  EXPECT_EQ(parse_target("/?a=%00").error().status, 400);
  EXPECT_EQ(parse_target("/?a=%ff").error().status, 400) << "the database takes UTF-8 only";
  EXPECT_EQ(parse_target("/?%ed%a0%80=1").error().status, 400);
}

TEST(Cursor, comes_back_as_it_was_and_nothing_else_does) {
  EXPECT_EQ(from_cursor(to_cursor("dev.1\n")), "dev.1\n");
  for (const auto* bad : {"", "zz", "00", "6331", "63313a", "x63313a41", "63313aff", "63313a00"}) {
    EXPECT_FALSE(from_cursor(bad)) << bad;
  }
}

TEST(Name, is_text_of_a_line) {
  EXPECT_TRUE(is_name("设备 1"));
  for (const auto* bad : {"", "a\nb", "a\x7f", "\xff", "\xed\xa0\x80"})
    EXPECT_FALSE(is_name(bad)) << bad;
  EXPECT_FALSE(is_name(std::string(201, 'x')));
}

TEST(Problem, is_rfc_9457) {
  auto problem = conflict("it is \xff there");
  problem.errors.push_back({"/a", "b"});
  const auto response = to_response(problem);
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            "{\"type\":\"urn:xgate:problem:conflict\",\"title\":\"Conflict\",\"status\":409,"
            "\"detail\":\"it is \xEF\xBF\xBD there\",\"errors\":[{\"pointer\":\"/a\","
            "\"detail\":\"b\"}]}");
  EXPECT_THAT(to_response(unavailable("x")).headers, ElementsAre(Pair("Retry-After", "1")));
  EXPECT_THAT(to_response(unauthorized("x")).headers,
              ElementsAre(Pair("WWW-Authenticate", "Bearer")));
}

TEST(Problem, of_the_database_says_nothing_of_it) {
  pg::Error gone;
  gone.message = "secret internals";
  gone.connection_gone = true;
  EXPECT_EQ(from_database(gone).status, 503);
  gone.connection_gone = false;
  gone.sqlstate = "42601";
  EXPECT_EQ(from_database(gone).status, 500);
  EXPECT_EQ(from_database(gone).detail.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace xgate::api
