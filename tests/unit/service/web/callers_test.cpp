// SPDX-License-Identifier: Apache-2.0
#include "service/web/callers.hpp"

#include <gtest/gtest.h>

namespace xgate::web {
namespace {

using Why = Stranger::Why;

class CallersTest : public ::testing::Test {
 protected:
  std::optional<Why> why(const Heading& heading) const {
    const auto stranger = callers_.judge(heading);
    return stranger ? std::optional(stranger->why) : std::nullopt;
  }
  std::optional<Why> of_host(std::string_view host, std::string_view target = "/metrics") const {
    return why({11, target, {host}, {}});
  }
  std::optional<Why> of_origin(std::string_view origin, std::string_view host) const {
    return why({11, "/metrics", {host}, {origin}});
  }

  const Callers callers_{{.names = {"gate.example.com", "broker-1"},
                          .origins = {"https://gate.example.com", "http://console:3000"}}};
};

TEST_F(CallersTest, come_by_an_address_or_a_name_that_is_ours) {
  for (const char* host :
       {"127.0.0.1:8080", "192.0.2.7", "[::1]:8080", "localhost", "LOCALHOST:8080",
        "gate.example.com", "Gate.Example.com.:443", "broker-1"}) {
    EXPECT_EQ(of_host(host), std::nullopt) << host;
  }
}

TEST_F(CallersTest, do_not_come_by_a_name_that_was_pointed_here) {
  for (const char* host : {"rebound.example", "localhost.rebound.example", "127.0.0.1.nip.io",
                           "xgate.example.com", "2130706433", "0x7f.1"}) {
    EXPECT_EQ(of_host(host), Why::foreign_name) << host;
  }
  EXPECT_EQ(of_host("localhost", "http://rebound.example/metrics"), Why::foreign_name);
  EXPECT_EQ(of_host("rebound.example", "http://localhost/metrics"), Why::foreign_name);
  EXPECT_EQ(callers_.judge({11, "/", {"rebound.example"}, {}})->status(), 421);
}

TEST_F(CallersTest, of_http_1_1_say_whom_they_ask_once) {
  EXPECT_EQ(why({11, "/", {}, {}}), Why::no_host);
  EXPECT_EQ(why({11, "/", {"localhost", "localhost"}, {}}), Why::no_host);
  EXPECT_EQ(of_host(""), Why::malformed_host);
  EXPECT_EQ(of_host("local host"), Why::malformed_host);
  EXPECT_EQ(why({10, "/", {}, {}}), std::nullopt);
  EXPECT_EQ(why({10, "/", {"rebound.example"}, {}}), Why::foreign_name) << "of a proxy";
}

TEST_F(CallersTest, of_http_1_0_may_say_anything_where_only_devices_come) {
  const Callers devices({.ignores_host_of_1_0 = true});
  EXPECT_FALSE(devices.judge({10, "/", {"what ever"}, {}}));
  EXPECT_FALSE(devices.judge({10, "/", {}, {}}));
  EXPECT_TRUE(devices.judge({11, "/", {"rebound.example"}, {}}));
  EXPECT_TRUE(devices.judge({10, "/", {}, {"http://rebound.example"}}));
}

TEST_F(CallersTest, of_a_page_are_of_our_own_or_of_one_that_is_named) {
  EXPECT_EQ(of_origin("http://127.0.0.1:8080", "127.0.0.1:8080"), std::nullopt);
  EXPECT_EQ(of_origin("http://localhost", "LOCALHOST:80"), std::nullopt);
  EXPECT_EQ(of_origin("http://[::1]:8080", "[::1]:8080"), std::nullopt);
  EXPECT_EQ(of_origin("https://gate.example.com", "127.0.0.1:8080"), std::nullopt);
  EXPECT_EQ(of_origin("https://GATE.example.com:443", "127.0.0.1:8080"), std::nullopt);
  EXPECT_EQ(of_origin("http://console:3000", "localhost"), std::nullopt);
  for (const char* origin :
       {"null", "", "http://rebound.example", "http://127.0.0.1:8081", "https://127.0.0.1:8080",
        "http://localhost:8080", "file://", "http://gate.example.com", "http://127.0.0.1:8080/x"}) {
    EXPECT_EQ(of_origin(origin, "127.0.0.1:8080"), Why::foreign_origin) << origin;
  }
  EXPECT_EQ(why({11, "/", {"localhost"}, {"http://localhost", "null"}}), Why::foreign_origin);
  const Callers by_tls({.tls = true});
  EXPECT_FALSE(by_tls.judge({11, "/", {"localhost"}, {"https://localhost"}}));
  EXPECT_TRUE(by_tls.judge({11, "/", {"localhost"}, {"http://localhost"}}));
}

}  // namespace
}  // namespace xgate::web
