// SPDX-License-Identifier: Apache-2.0
#include "service/api/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "service/store/tokens.hpp"
#include "unit/service/api/api_fixture.hpp"

namespace xgate::api {
namespace {

using ::testing::HasSubstr;

class HttpServer : public ApiTest {
 protected:
  static std::string authorization() { return "Authorization: Bearer " + api().token() + "\r\n"; }
  static std::string get(const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
  }
};

TEST_F(HttpServer, everything_but_health_needs_a_token_also_what_is_not_there) {
  for (const std::string headers : {"", "Authorization: Bearer\r\n", "Authorization: Bearer x\r\n",
                                    "Authorization: Basic eA==\r\n"}) {
    for (const std::string target : {"/api/v1/vendors", "/api/v1/nothing"}) {
      fakes::HttpClient client(api().port());
      client.send(get(target, headers));
      const auto answer = client.read();
      EXPECT_EQ(answer.status, 401);
      EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
    }
  }
  for (const std::string target : {"/livez", "/readyz", "/metrics"}) {
    fakes::HttpClient client(api().port());
    client.send(get(target, ""));
    EXPECT_EQ(client.read().status, 200) << target;
  }
}

TEST_F(HttpServer, wrong_tokens_have_to_wait_and_a_valid_one_has_not) {
  RunningApi own(database());
  const auto status = [&](const std::string& token, std::string* retry_after = nullptr) {
    fakes::HttpClient client(own.port());
    client.send(get("/api/v1/vendors", "Authorization: Bearer " + token + "\r\n"));
    const auto answer = client.read();
    if (retry_after != nullptr) *retry_after = answer.header("Retry-After");
    return answer.status;
  };
  std::string retry_after;
  int wrong = 0;
  while (status("wrong", &retry_after) == 401) ++wrong;
  EXPECT_GE(wrong, 6);
  EXPECT_GE(std::stoi(retry_after), 1);
  EXPECT_EQ(status(api().token()), 200) << "never used here before";
}

TEST_F(HttpServer, the_first_token_is_the_owners_and_the_only_one) {
  struct stat status = {};
  api().token();
  ASSERT_EQ(::stat(api().token_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(sql("SELECT token_sha256 FROM api_token").bytea(0, 0),
            store::token_hash(api().token()));
  const RunningApi second(database());  // would make another, were there none
  EXPECT_EQ(sql("SELECT count(*) FROM api_token").int64(0, 0), 1);
}

TEST_F(HttpServer, answers_one_request_after_another_on_a_connection) {
  fakes::HttpClient client(api().port());
  client.send(get("/api/v1/vendors", authorization()) + get("/livez", "") + get("/livez", ""));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.read().status, 200);
  client.send(get("/livez", "Connection: close\r\n"));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServer, empty_lines_around_requests_are_ignored) {  // RFC 9112, 2.2
  fakes::HttpClient client(api().port());
  const std::string post =
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n";
  client.send("\r\n" + get("/livez", "") + "\r\n\r\n" + get("/livez", "") + "\n");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.read().status, 200);
  client.send(post + authorization() + "Content-Type: application/json\r\n\r\n{}\r\n");
  EXPECT_EQ(client.read().status, 422);
  client.send("\r");
  client.send("\n" + get("/livez", "Connection: close\r\n") + "\r\n");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServer, head_is_get_without_the_body) {
  const auto whole = api().ask("GET", "/api/v1/vendors");
  const auto head = api().ask("HEAD", "/api/v1/vendors");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), whole.header("Content-Length"));
}

TEST_F(HttpServer, what_is_no_request_is_refused) {
  for (const std::string bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nbad\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    fakes::HttpClient client(api().port());
    client.send(bytes);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_TRUE(client.ended());
  }
  fakes::HttpClient large(api().port());
  large.send("GET / HTTP/1.1\r\nX: " + std::string(40000, 'x') + "\r\n\r\n");
  EXPECT_EQ(large.read().status, 431);
}

TEST_F(HttpServer, a_body_beyond_its_limit_is_refused_before_it_is_read) {
  fakes::HttpClient told(api().port());
  told.send(
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Content-Length: 1048577\r\n\r\n");
  EXPECT_EQ(told.read().status, 413);
  fakes::HttpClient chunked(api().port());
  chunked.send(
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("10000\r\n" + std::string(65536, ' ') + "\r\n");
  EXPECT_EQ(chunked.read().status, 413);
  fakes::HttpClient huge(api().port());
  huge.send(
      "POST /api/v1/devices/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n" +
      authorization() + "Content-Length: 99999999999\r\n\r\n");
  EXPECT_EQ(huge.read().status, 413);
}

TEST_F(HttpServer, a_body_that_breaks_off_or_is_malformed_is_400) {
  const std::string post =
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Transfer-Encoding: ";
  for (const char* body : {"x\r\n{}\r\n0\r\n\r\n", "2\r\n{}{}\r\n0\r\n\r\n", "-1\r\n"}) {
    fakes::HttpClient client(api().port());
    client.send(post + "chunked\r\n\r\n" + body);
    EXPECT_EQ(client.read().status, 400) << body;
  }
}

TEST_F(HttpServer, what_follows_an_unknown_coding_is_not_read_as_a_request) {
  fakes::HttpClient client(api().port());
  client.send(
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Transfer-Encoding: gzip\r\n\r\nGET /livez HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServer, a_wrong_type_of_body_is_415) {
  EXPECT_EQ(api().ask("POST", "/api/v1/vendors", "{}", "text/plain").status, 415);
  EXPECT_EQ(api().ask("POST", "/api/v1/devices/import", "{}", "application/json").status, 415);
}

TEST_F(HttpServer, a_client_that_waits_is_told_to_go_on) {
  fakes::HttpClient client(api().port());
  const std::string body = R"({"name":"expect"})";
  client.send(
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send(body);
  EXPECT_EQ(client.read().status, 201);
}

TEST_F(HttpServer, connections_beyond_the_cap_are_refused_and_closed) {  // LIMIT-10
  RunningApi small(database(), 2);
  const std::string unfinished =
      "POST /api/v1/vendors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      authorization() + "Content-Length: 2\r\n\r\n";
  fakes::HttpClient first(small.port());
  fakes::HttpClient second(small.port());
  first.send(unfinished);
  second.send(unfinished);
  fakes::HttpClient third(small.port());
  const auto answer = third.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("[http] connections (LIMIT-10)"));
  EXPECT_TRUE(third.ended());
  first.send("{}");
  EXPECT_EQ(first.read().status, 422);
}

TEST_F(HttpServer, a_taken_port_is_one_sentence) {
  boost::asio::io_context io;
  observe::Metrics metrics;
  config::Settings settings;
  settings.http.port = api().port();
  Server server(io, settings, metrics, {});
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error(), HasSubstr("cannot listen on 127.0.0.1 port"));
}

TEST_F(HttpServer, readiness_names_what_is_not_ready) {
  api().set_components({{"broker_uplinks", false, "connecting"}});
  const auto answer = api().json("GET", "/readyz", nullptr, 503);
  api().set_components({});
  EXPECT_FALSE(answer.at("ready").get<bool>());
  EXPECT_EQ(answer.at("components").at(0).at("name"), "database");
  EXPECT_TRUE(answer.at("components").at(0).at("ready").get<bool>());
  EXPECT_EQ(answer.at("components").at(1).at("detail"), "connecting");
}

TEST_F(HttpServer, metrics_count_answers) {
  api().ask("GET", "/api/v1/nothing");
  EXPECT_THAT(api().ask("GET", "/metrics").body,
              HasSubstr("xgate_http_responses_total{status=\"4xx\"} "));
}

// Last: it takes the database away from everyone.
TEST(HttpServerWithoutDatabase, answers_503_until_the_database_is_back) {
  auto& cluster = fakes::PostgresCluster::shared();
  const auto database = cluster.create_database();
  ASSERT_TRUE(app::migrate(database, [](const std::string&) {}));
  RunningApi api(database);
  api.token();
  EXPECT_EQ(api.ask("GET", "/api/v1/vendors").status, 200);
  cluster.stop();
  const auto away = api.ask("GET", "/api/v1/vendors");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.header("Retry-After"), "1");
  EXPECT_EQ(api.ask("GET", "/livez").status, 200);
  while (api.ask("GET", "/readyz").status != 503) std::this_thread::yield();
  const auto ready = api.json("GET", "/readyz", nullptr, 503);
  EXPECT_NE(ready.at("components").at(0).at("detail"), "");
  cluster.start();
  while (api.ask("GET", "/api/v1/vendors").status == 503) std::this_thread::yield();
  EXPECT_EQ(api.ask("GET", "/api/v1/vendors").status, 200);
  EXPECT_EQ(api.ask("GET", "/readyz").status, 200);
}

}  // namespace
}  // namespace xgate::api
