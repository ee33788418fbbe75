// SPDX-License-Identifier: Apache-2.0
#include "cli/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/http_peer.hpp"

namespace xgate::cli {
namespace {

using fakes::HttpPeer;
using testing::HasSubstr;
using testing::Not;

TEST(HttpClient, sends_the_token_as_a_header_and_keeps_its_connection) {
  HttpPeer peer({{200, "one", "text/plain"}, {201, "two", "text/plain"}, {204, "", ""}});
  HttpClient client(peer.url() + "/", "secret-token");
  EXPECT_EQ(
      client.send({.method = "GET", .target = "/a?b=c", .body = {}, .content_type = {}})->body,
      "one");
  const auto posted = client.send(
      {.method = "POST", .target = "/b", .body = "{\"x\":1}", .content_type = "application/json"});
  EXPECT_EQ(posted->status, 201);
  EXPECT_EQ(posted->content_type, "text/plain");
  const auto gone =
      client.send({.method = "DELETE", .target = "/c", .body = {}, .content_type = {}});
  EXPECT_EQ(gone->status, 204);

  const auto requests = peer.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method + " " + requests[0].target, "GET /a?b=c");
  EXPECT_THAT(requests[0].head, HasSubstr("Authorization: Bearer secret-token"));
  EXPECT_EQ(requests[1].method + " " + requests[1].body, "POST {\"x\":1}");
  EXPECT_THAT(requests[1].head, HasSubstr("Content-Type: application/json"));
  EXPECT_EQ(requests[2].method, "DELETE");
  EXPECT_EQ(requests[2].connection, 1);
}

TEST(HttpClient, a_get_after_a_post_is_a_get_again) {
  HttpPeer peer({{200, "{}"}, {200, "{}"}});
  HttpClient client(peer.url(), "t");
  ASSERT_TRUE(client.send({.method = "PATCH", .target = "/a", .body = "x", .content_type = "a/b"}));
  ASSERT_TRUE(client.send({.method = "GET", .target = "/b", .body = {}, .content_type = {}}));
  EXPECT_EQ(peer.requests()[0].method, "PATCH");
  EXPECT_EQ(peer.requests()[1].method, "GET");
  EXPECT_EQ(peer.requests()[1].body, "");
  EXPECT_THAT(peer.requests()[1].head, Not(HasSubstr("Content-Type")));
}

TEST(HttpClient, a_sink_gets_the_body_of_a_good_reply_and_not_of_a_problem) {
  HttpPeer peer({{200, "csv"}, {404, "problem"}});
  HttpClient client(peer.url(), "t");
  std::string sunk;
  const auto sink = [&](std::string_view part) { sunk += part; };
  const HttpRequest request{.method = "GET", .target = "/", .body = {}, .content_type = {}};
  EXPECT_EQ(client.send(request, sink)->body, "");
  EXPECT_EQ(client.send(request, sink)->body, "problem");
  EXPECT_EQ(sunk, "csv");
}

std::string error_of(const std::string& url) {
  HttpClient client(url, "secret-token", {.connect = std::chrono::milliseconds(2000)});
  const auto reply = client.send({.method = "GET", .target = "/", .body = {}, .content_type = {}});
  return reply ? "no error" : reply.error().sentence;
}

TEST(HttpClient, a_refused_connection_names_the_address_and_what_to_do) {
  std::string url;
  {
    const HttpPeer peer({});
    url = peer.url();
  }
  EXPECT_EQ(error_of(url),
            "cannot reach " + url + ": connection refused; is `./run` up? give --url or XGATE_URL");
}

TEST(HttpClient, a_connection_that_ends_before_the_answer_says_so) {
  const HttpPeer peer({{0, ""}, {0, ""}});
  EXPECT_EQ(error_of(peer.url()), peer.url() +
                                      " closed the connection before it had answered; was the "
                                      "service stopped?");
}

TEST(HttpClient, tells_whether_a_request_that_got_no_answer_was_sent) {
  std::string url;
  const auto sent = [&] {
    return HttpClient(url, "t")
        .send({.method = "POST", .target = "/", .body = "x", .content_type = "a/b"})
        .error()
        .sent;
  };
  {
    const HttpPeer peer({{0, ""}});
    url = peer.url();
    EXPECT_TRUE(sent());
  }
  EXPECT_FALSE(sent());
}

TEST(HttpClient, what_is_no_address_is_told_apart) {
  EXPECT_THAT(error_of("ftp://127.0.0.1"), HasSubstr("no address of a service"));
  EXPECT_THAT(error_of("http://127.0.0.1:x"), HasSubstr("no address of a service"));
  EXPECT_THAT(error_of("http://no-such-host.invalid"), HasSubstr("there is no such host"));
}

TEST(HttpClient, stops_when_it_is_asked_to) {
  HttpPeer peer({{200, "{}"}});
  HttpClient client(peer.url(), "t");
  client.stop_when([] { return true; });
  const auto reply = client.send({.method = "GET", .target = "/", .body = {}, .content_type = {}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().sentence, "interrupted");
  EXPECT_FALSE(reply.error().sent);
}

TEST(PercentEncoding, leaves_only_what_is_safe_in_a_query) {
  EXPECT_EQ(percent_encoded("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(percent_encoded("a b&c=d/é"), "a%20b%26c%3Dd%2F%C3%A9");
}

}  // namespace
}  // namespace xgate::cli
