// SPDX-License-Identifier: Apache-2.0
#include "link/events.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace xgate::link {
namespace {

using testing::HasSubstr;

const protocol::Identity device{"7ED01E2A", "AA30C505", "20MQTTJ000121"};

Online online(std::uint64_t session) {
  Online event;
  event.session = session;
  event.device = device;
  event.auth_login = true;
  event.client_id = "V2_AA30C505.20MQTTJ000121_1_1675404867";
  event.address = "192.0.2.1";
  event.login_type = 1;
  event.timestamp = 1675404867;
  event.at_ms = 1675404867123;
  return event;
}

void expect_same(const Online& one, const Online& other) {
  EXPECT_EQ(one.session, other.session);
  EXPECT_EQ(one.device, other.device);
  EXPECT_EQ(one.auth_login, other.auth_login);
  EXPECT_EQ(one.client_id, other.client_id);
  EXPECT_EQ(one.address, other.address);
  EXPECT_EQ(one.login_type, other.login_type);
  EXPECT_EQ(one.timestamp, other.timestamp);
  EXPECT_EQ(one.at_ms, other.at_ms);
}

EventBatch batch_sent_and_received(std::vector<Event> events) {
  EventBatch batch{"local", "epoch-1", 1675400000000, 42, true, std::move(events)};
  auto received = decode_events(encode(batch));
  EXPECT_TRUE(received) << received.error();
  return received ? std::move(*received) : EventBatch{};
}

TEST(Events, a_batch_keeps_its_head_and_order) {
  const auto batch = batch_sent_and_received({online(1), RefusalsDropped{3}, online(2)});
  EXPECT_EQ(batch.broker, "local");
  EXPECT_EQ(batch.epoch, "epoch-1");
  EXPECT_EQ(batch.epoch_started_ms, 1675400000000);
  EXPECT_EQ(batch.sequence, 42U);
  ASSERT_EQ(batch.events.size(), 3U);
  EXPECT_EQ(std::get<Online>(batch.events[0]).session, 1U);
  EXPECT_EQ(std::get<RefusalsDropped>(batch.events[1]).count, 3U);
  EXPECT_EQ(std::get<Online>(batch.events[2]).session, 2U);
}

TEST(Events, an_empty_batch_is_a_batch) { EXPECT_TRUE(batch_sent_and_received({}).events.empty()); }

TEST(Events, online_comes_through_whole) {
  const auto batch = batch_sent_and_received({online(7)});
  ASSERT_EQ(batch.events.size(), 1U);
  expect_same(std::get<Online>(batch.events[0]), online(7));
}

TEST(Events, offline_and_listening_come_through_whole) {
  Offline offline;
  offline.session = std::numeric_limits<std::uint64_t>::max();
  offline.device = device;
  offline.auth_login = true;
  offline.at_ms = 5;
  const auto batch = batch_sent_and_received({offline, Listening{9, device, "model/service/+"}});
  ASSERT_EQ(batch.events.size(), 2U);
  const auto& received = std::get<Offline>(batch.events[0]);
  EXPECT_EQ(received.session, offline.session);
  EXPECT_EQ(received.device, device);
  EXPECT_TRUE(received.auth_login);
  EXPECT_EQ(received.at_ms, 5);
  EXPECT_EQ(std::get<Listening>(batch.events[1]).session, 9U);
  EXPECT_EQ(std::get<Listening>(batch.events[1]).device, device);
  EXPECT_EQ(std::get<Listening>(batch.events[1]).filter, "model/service/+");
}

TEST(Events, every_kind_of_refusal_comes_through_whole) {
  for (const auto what : {Refused::What::login, Refused::What::publish, Refused::What::subscribe,
                          Refused::What::will}) {
    const Refused sent{what,   device,    "client",   "user", "192.0.2.1", "/topic",
                       "V2-6", "because", "password", -1,     "V2-2",      4000};
    const auto batch = batch_sent_and_received({sent});
    ASSERT_EQ(batch.events.size(), 1U);
    const auto& received = std::get<Refused>(batch.events[0]);
    EXPECT_EQ(received.what, what);
    EXPECT_EQ(received.device, device);
    EXPECT_EQ(received.client_id, "client");
    EXPECT_EQ(received.username, "user");
    EXPECT_EQ(received.address, "192.0.2.1");
    EXPECT_EQ(received.topic, "/topic");
    EXPECT_EQ(received.requirement, "V2-6");
    EXPECT_EQ(received.reason, "because");
    EXPECT_EQ(received.password, "password");
    EXPECT_EQ(received.at_ms, -1);
    EXPECT_EQ(received.also, "V2-2");
    EXPECT_EQ(received.wait_ms, 4000);
  }
}

TEST(Events, live_sessions_come_through_whole) {
  LiveSessions sent{3, 17, true, 2, {online(4), online(5)}};
  const auto batch = batch_sent_and_received({sent, LiveSessions{}});
  ASSERT_EQ(batch.events.size(), 2U);
  const auto& received = std::get<LiveSessions>(batch.events[0]);
  EXPECT_EQ(received.sync, 3U);
  EXPECT_EQ(received.up_to_session, 17U);
  EXPECT_TRUE(received.last);
  EXPECT_EQ(received.part, 2U);
  ASSERT_EQ(received.sessions.size(), 2U);
  expect_same(received.sessions[1], online(5));
  EXPECT_FALSE(std::get<LiveSessions>(batch.events[1]).last);
}

TEST(Events, DOWN_1_what_a_session_listens_to_comes_through_whole) {
  const auto batch = batch_sent_and_received(
      {Listening{.session = 5, .device = {}, .given_up = " downlink ", .unheard = 77},
       Listening{.session = 6, .device = {}, .filter = "+", .short_of_places = true}});
  ASSERT_EQ(batch.events.size(), 2U);
  EXPECT_TRUE(batch.reads_addresses);
  EXPECT_EQ(std::get<Listening>(batch.events[0]).given_up, " downlink ");
  EXPECT_EQ(std::get<Listening>(batch.events[0]).unheard, 77);
  EXPECT_EQ(std::get<Listening>(batch.events[1]).filter, "+");
  EXPECT_TRUE(std::get<Listening>(batch.events[1]).short_of_places);
}

TEST(Events, bytes_that_a_client_chose_do_not_cost_the_batch) {
  Refused refused;
  refused.client_id = std::string("a\0b", 3);
  refused.username = "\xFF\xFE";
  refused.password = "quote\" back\\ line\n";
  const auto batch = batch_sent_and_received({refused, online(1)});
  ASSERT_EQ(batch.events.size(), 2U);
  const auto& received = std::get<Refused>(batch.events[0]);
  EXPECT_EQ(received.client_id,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(received.username, "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(received.password, "quote\" back\\ line\n");
}

TEST(Events, every_byte_of_a_text_is_written_as_the_library_writes_it) {
  const auto replaced = nlohmann::json::error_handler_t::replace;
  for (int byte = 1; byte < 256; ++byte) {
    Refused refused;
    refused.password = std::string("a") + static_cast<char>(byte) + "b";
    const auto text = encode(EventBatch{"local", "epoch-1", 0, 1, true, {refused}});
    const auto by_library = nlohmann::json(refused.password).dump(-1, ' ', false, replaced);
    EXPECT_THAT(text, HasSubstr("\"password\":" + by_library)) << "byte " << byte;
  }
  Refused refused;
  refused.username = "设备 \xF0\x9F\x94\x8C";
  const auto batch = batch_sent_and_received({refused});
  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(std::get<Refused>(batch.events[0]).username, refused.username);
}

TEST(Events, a_batch_takes_its_events_from_elsewhere) {
  const std::vector<Event> events{online(1), RefusalsDropped{3}};
  const EventBatch head{"local", "epoch-1", 5, 6, true, {}};
  EXPECT_EQ(encode(head, events), encode(EventBatch{"local", "epoch-1", 5, 6, true, events}));
  EXPECT_TRUE(nlohmann::json::accept(encode(head, {})));
}

TEST(Events, what_is_no_batch_is_refused_with_the_reason) {
  const auto error_of = [](const std::string& text) {
    const auto batch = decode_events(text);
    return batch ? "accepted" : batch.error();
  };
  const std::string head = R"({"broker":"b","epoch":"e","epoch_started_ms":1,"sequence":2,)";
  EXPECT_EQ(error_of(head + R"("events":[]})"), "accepted");
  EXPECT_THAT(error_of("x"), HasSubstr("not JSON"));
  EXPECT_EQ(error_of("[]"), "not an object");
  EXPECT_EQ(error_of("{}"), "broker is not text");
  EXPECT_EQ(error_of(head + R"("events":{}})"), "events is not a list");
  EXPECT_EQ(error_of(head + R"("events":[5]})"), "event 1: type is not text");
  EXPECT_EQ(error_of(head + R"("events":[{"type":"party"}]})"),
            "event 1: type is none that is known");
  EXPECT_EQ(
      error_of(head + R"("events":[{"type":"refusals_dropped","count":1},{"type":"offline"}]})"),
      "event 2: offline: session is not a whole number");
  EXPECT_EQ(error_of(head + R"("events":[{"type":"refusals_dropped","count":-1}]})"),
            "event 1: refusals_dropped: count is out of range");
  EXPECT_EQ(
      error_of(head + R"("events":[{"type":"listening","session":1,"device":{"open_id":5}}]})"),
      "event 1: listening: device: open_id is not text");
  EXPECT_EQ(error_of(head + R"("events":[{"type":"refused","what":"nothing"}]})"),
            "event 1: refused: what is none of its names");
}

}  // namespace
}  // namespace xgate::link
