// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gmock/gmock.h>

#include "link/address.hpp"
#include "link/control.hpp"
#include "plugin_fixture.hpp"

namespace xgate::plugin {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view auth_reply =
    R"({"MessageId":1,"HeaderCtrl":1,"Payload":{},"Version":"2.0"})";
constexpr std::string_view downlink =
    R"({"MessageId":1,"HeaderCtrl":7,"Payload":{},"Version":"2.0"})";

class Access : public PluginTest {
 protected:
  Access() {
    EXPECT_EQ(log_in(device_, v2()), MOSQ_ERR_SUCCESS);
    EXPECT_EQ(log_in(auth_, auth()), MOSQ_ERR_SUCCESS);
    EXPECT_EQ(log_in(service_, service()), MOSQ_ERR_SUCCESS);
    events();
  }
  Client device_;
  Client auth_;
  Client service_;
};

TEST_F(Access, TOPIC_a_device_uses_its_own_topics_only) {
  EXPECT_TRUE(may_publish(device_, root() + "/uplink"));
  EXPECT_FALSE(may_publish(device_, root() + "/downlink"));
  EXPECT_EQ(last_refusal(), "TOPIC-1");
  EXPECT_FALSE(may_publish(device_, root("another1") + "/uplink"));
  EXPECT_EQ(last_refusal(), "TOPIC-3");
  EXPECT_TRUE(may_subscribe(device_, root() + "/uplink_ack"));
  EXPECT_FALSE(may_subscribe(device_, root() + "/#"));
  EXPECT_FALSE(may_subscribe(device_, "$share/g/" + root() + "/downlink"));
  EXPECT_TRUE(receives(device_, root() + "/downlink"));
  EXPECT_FALSE(receives(device_, root() + "/uplink"));
}

TEST_F(Access, a_device_never_sees_the_broker_or_xgate) {
  for (const auto* topic : {"$SYS/broker/uptime", "$xgate/v1/events", "$CONTROL/xgate/v1"}) {
    EXPECT_FALSE(may_publish(device_, topic)) << topic;
    EXPECT_FALSE(may_subscribe(device_, topic)) << topic;
    EXPECT_FALSE(receives(device_, topic)) << topic;
    EXPECT_FALSE(receives(auth_, topic)) << topic;
  }
}

TEST_F(Access, AUTH_2_an_auth_login_gets_auth_replies_only) {
  EXPECT_TRUE(may_publish(auth_, "/sys/device/auth"));
  EXPECT_FALSE(may_publish(auth_, root("newdevice1") + "/uplink"));
  EXPECT_TRUE(may_subscribe(auth_, root("newdevice1") + "/downlink"));
  EXPECT_FALSE(may_subscribe(auth_, root("newdevice1") + "/+"));
  EXPECT_TRUE(receives(auth_, root("newdevice1") + "/downlink", auth_reply));
  EXPECT_FALSE(receives(auth_, root("newdevice1") + "/downlink", downlink));
  EXPECT_FALSE(receives(auth_, root() + "/downlink", auth_reply));
}

TEST_F(Access, TOPIC_2_a_V2_login_asks_only_where_its_product_may) {
  EXPECT_FALSE(may_publish(device_, "/sys/device/auth"));
  auto encrypted = product();
  encrypted.encrypted = true;
  publish_products({encrypted});
  tick();
  EXPECT_TRUE(may_publish(device_, "/sys/device/auth"));
}

TEST_F(Access, a_service_account_uses_the_platforms_topics) {
  EXPECT_TRUE(may_publish(service_, root() + "/downlink"));
  EXPECT_TRUE(may_publish(service_, "$CONTROL/xgate/v1"));
  EXPECT_FALSE(may_publish(service_, "$CONTROL/dynamic-security/v1"));
  EXPECT_FALSE(may_publish(service_, "elsewhere"));
  EXPECT_TRUE(may_subscribe(service_, "/sys/+/+/+/#"));
  EXPECT_TRUE(may_subscribe(service_, "$share/group//sys/#"));
  EXPECT_TRUE(may_subscribe(service_, "$SYS/#"));
  EXPECT_FALSE(may_subscribe(service_, "#"));
  EXPECT_FALSE(may_subscribe(service_, "$share/group/#"));
  EXPECT_FALSE(may_subscribe(service_, "$share/group"));
  EXPECT_TRUE(receives(service_, root() + "/uplink"));
  EXPECT_TRUE(receives(service_, "$SYS/broker/uptime"));
  EXPECT_FALSE(receives(service_, "elsewhere"));
}

TEST_F(Access, unsubscribing_is_always_allowed) {
  EXPECT_EQ(access(device_, MOSQ_ACL_UNSUBSCRIBE, "#"), MOSQ_ERR_SUCCESS);
}

TEST_F(Access, who_did_not_log_in_may_nothing) {
  Client stranger;
  stranger.id = "stranger";
  stranger.username = "stranger";
  EXPECT_FALSE(may_publish(stranger, root() + "/uplink"));
  EXPECT_FALSE(may_subscribe(stranger, root() + "/downlink"));
  EXPECT_FALSE(receives(stranger, root() + "/downlink"));
}

TEST_F(Access, listening_is_told_once_for_each_filter_that_commands_come_through) {
  const auto told = [&](std::string_view suffix) {
    may_subscribe(device_, root() + "/" + std::string(suffix));
    std::vector<std::string> filters;
    for (const auto& event : events_of<link::Listening>()) filters.push_back(event.filter);
    return filters;
  };
  EXPECT_THAT(told("uplink_ack"), ElementsAre());
  EXPECT_THAT(told("model/property/set"), ElementsAre("model/property/set"));
  EXPECT_THAT(told("model/property/set"), ElementsAre());
  EXPECT_THAT(told("model/service/switch"), ElementsAre("model/service/switch"));
  EXPECT_THAT(told("model/service/reset"), ElementsAre("model/service/reset"));
  EXPECT_THAT(told("+"), ElementsAre("+"));
  EXPECT_THAT(told("#"), ElementsAre()) << "refused";
  end(device_);
  log_in(device_, v2());
  EXPECT_THAT(told("model/property/set"), ElementsAre("model/property/set")) << "a new session";
}

TEST_F(Access, listening_is_told_so_often_and_no_more) {
  std::size_t told = 0;
  for (int i = 0; i < 1000; ++i) {
    may_subscribe(device_, root() + "/model/service/s" + std::to_string(i));
  }
  told = events_of<link::Listening>().size();
  EXPECT_EQ(told, Session::max_heard);
}

TEST_F(Access, OTA_3_what_a_restart_shows_in_is_stamped_with_the_session) {
  for (const auto* suffix : {"/firmware_report", "/ota_notify_ack"}) {
    MessageEvent event;
    mosquitto_property_add_string_pair(&event.properties, MQTT_PROP_USER_PROPERTY, "xgate-session",
                                       "forged/9");
    EXPECT_TRUE(may_publish(device_, root() + suffix));
    EXPECT_EQ(message(device_, root() + suffix, event), MOSQ_ERR_SUCCESS);
    EXPECT_THAT(fakes::user_properties(event.properties),
                ElementsAre(Pair("xgate-session", plugin_->outbox.epoch() + "/1")));
  }
  MessageEvent event;
  EXPECT_EQ(message(device_, root() + "/uplink", event), MOSQ_ERR_SUCCESS);
  EXPECT_EQ(event.properties, nullptr);
}

TEST_F(Access, KEY_1_listening_is_told_when_the_downlink_is_covered) {
  may_subscribe(device_, root() + "/uplink_ack");
  EXPECT_TRUE(events_of<link::Listening>().empty());
  may_subscribe(device_, root() + "/+");
  const auto listening = events_of<link::Listening>();
  ASSERT_EQ(listening.size(), 1U);
  EXPECT_EQ(listening[0].session, 1U);
  may_subscribe(auth_, root("newdevice1") + "/downlink");
  EXPECT_TRUE(events_of<link::Listening>().empty());
}

TEST_F(Access, KEY_1_listening_is_told_when_a_stored_session_is_resumed) {
  end(device_);
  device_.sub_count = 1;
  log_in(device_, v2());
  EXPECT_TRUE(events_of<link::Listening>().empty()) << "it started clean";
  end(device_);
  device_.clean_start = false;
  log_in(device_, v2());
  const auto told = events_of<link::Listening>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].short_of_places);
  EXPECT_TRUE(events_of<link::Listening>().empty());
}

TEST_F(Access, DOWN_1_what_a_session_subscribes_to_itself_was_not_brought_along) {
  for (const int stored : {0, 1}) {
    end(device_);
    events();
    device_.clean_start = false;
    device_.sub_count = stored;
    log_in(device_, v2());
    may_subscribe(device_, root() + "/downlink");
    device_.sub_count = stored + 1;
    may_subscribe(device_, root() + "/ask_config");
    device_.sub_count = stored + 2;
    std::vector<std::string> told;
    for (const auto& event : events_of<link::Listening>()) told.push_back(event.filter);
    std::vector<std::string> expected{"downlink", "ask_config"};
    if (stored > 0) expected.emplace_back("");
    EXPECT_EQ(told, expected);
  }
}

TEST_F(Access, DOWN_1_the_end_of_a_subscription_is_told) {
  may_subscribe(device_, root() + "/downlink");
  may_subscribe(device_, root() + "/model/service/switch");
  may_subscribe(device_, root() + "/model/service/+");
  events();
  const auto given_up = [&](std::string_view suffix) {
    EXPECT_EQ(access(device_, MOSQ_ACL_UNSUBSCRIBE, root() + "/" + std::string(suffix)),
              MOSQ_ERR_SUCCESS);
    std::string topics;
    for (const auto& event : events_of<link::Listening>()) topics += event.given_up;
    return topics;
  };
  EXPECT_EQ(given_up("downlink"), " downlink ");
  EXPECT_EQ(given_up("downlink"), "") << "it had none";
  EXPECT_EQ(given_up("model/service/switch"), " service_call/switch ");
  EXPECT_EQ(given_up("uplink_ack"), "");
  may_subscribe(device_, root() + "/downlink");
  EXPECT_EQ(events_of<link::Listening>().size(), 1U) << "news again";
  may_subscribe(device_, root() + "/+");
  EXPECT_EQ(given_up("downlink"), "") << "the other covers it";
}

TEST_F(Access, DOWN_1_subscribing_and_giving_up_is_told_so_often_and_no_more) {
  for (int i = 0; i < 1000; ++i) {
    may_subscribe(device_, root() + "/downlink");
    access(device_, MOSQ_ACL_UNSUBSCRIBE, root() + "/downlink");
  }
  EXPECT_EQ(events_of<link::Listening>().size(), 2U * Session::max_given_up + 1);
}

// ------------------------------------------------------- for one session
TEST_F(Access, DOWN_1_what_is_for_one_session_reaches_that_one_once) {
  const std::string payload(downlink);
  const auto deliver = [&](std::string_view session, int command) {
    MessageEvent event;
    event.payload = const_cast<char*>(payload.data());
    event.payloadlen = static_cast<std::uint32_t>(payload.size());
    auto topic = link::addressed_topic(session, command, root() + "/downlink");
    event.client = &service_;
    event.topic = topic.data();
    EXPECT_EQ(on_message(*plugin_, event), MOSQ_ERR_SUCCESS);
    EXPECT_STREQ(event.topic, (root() + "/downlink").c_str());
  };
  const auto session = [&](int number) {
    return plugin_->outbox.epoch() + "/" + std::to_string(number);
  };
  may_subscribe(device_, root() + "/downlink");
  events();
  deliver(session(1), 7);
  EXPECT_TRUE(receives(device_, root() + "/downlink", payload));
  EXPECT_FALSE(receives(device_, root() + "/downlink", payload)) << "by a second filter";
  EXPECT_TRUE(events_of<link::Listening>().empty());

  deliver(session(1), 8);  // and nobody is asked about
  auto told = events_of<link::Listening>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].unheard, 8);
  EXPECT_EQ(told[0].given_up, " downlink ");
  may_subscribe(device_, root() + "/downlink");
  EXPECT_EQ(events_of<link::Listening>().size(), 1U) << "news, for nothing was heard";

  end(device_);
  log_in(device_, v2());
  tick();
  deliver(session(1), 9);
  EXPECT_FALSE(receives(device_, root() + "/downlink", payload)) << "for an earlier session";
  EXPECT_EQ(events_of<link::Listening>().size(), 1U);
  deliver("another-life/4", 10);
  EXPECT_FALSE(receives(device_, root() + "/downlink", payload));
  EXPECT_TRUE(events_of<link::Listening>().empty()) << "that one's epoch is over";
}

TEST_F(Access, DOWN_1_what_went_unheard_is_told_again_with_every_list_until_it_is_taken) {
  const std::string payload(downlink);
  const auto deliver = [&](int id) {
    MessageEvent event;
    event.payload = const_cast<char*>(payload.data());
    event.payloadlen = static_cast<std::uint32_t>(payload.size());
    auto topic = link::addressed_topic(plugin_->outbox.epoch() + "/1", id, root() + "/downlink");
    event.client = &service_;
    event.topic = topic.data();
    EXPECT_EQ(on_message(*plugin_, event), MOSQ_ERR_SUCCESS);
  };
  const auto told_again = [&] {
    command(service_, link::encode(link::Sync{1}));
    std::vector<std::int64_t> ids;
    bool listed = false;
    for (const auto& event : events()) {
      listed = listed || std::holds_alternative<link::LiveSessions>(event);
      const auto* listening = std::get_if<link::Listening>(&event);
      if (listening == nullptr) continue;
      EXPECT_TRUE(listed && listening->given_up.empty() && listening->session == 1);
      ids.push_back(listening->unheard);
    }
    return ids;
  };
  for (int id = 1; id <= 66; ++id) deliver(id);
  deliver(66);
  events();
  EXPECT_EQ(told_again().size(), Session::max_unheard);
  EXPECT_EQ(told_again().back(), 66) << "the oldest are forgotten";
  may_subscribe(device_, root() + "/downlink");
  deliver(66);
  EXPECT_TRUE(receives(device_, root() + "/downlink", payload));
  events();
  EXPECT_EQ(told_again().back(), 65);
}

TEST_F(Access, DOWN_1_a_topic_with_no_good_address_goes_nowhere) {
  for (const auto* topic :
       {"$xgate/v1/to/", "$xgate/v1/to/e/1/2", "$xgate/v1/to/e/x/2/sys/o/p/n/downlink",
        "$xgate/v1/to/e/1//sys/o/p/n/downlink", "$xgate/v1/to/e/1/2/elsewhere"}) {
    MessageEvent event;
    char payload = 'x';
    event.payload = &payload;
    event.payloadlen = 1;
    EXPECT_EQ(message(service_, topic, event), MOSQ_ERR_ACL_DENIED) << topic;
  }
  EXPECT_FALSE(may_publish(device_, "$xgate/v1/to/e/1/2" + root() + "/downlink"));
}

// ------------------------------------------------------- stored sessions, wills
TEST_F(Access, V2_5_a_device_gets_nothing_out_of_the_brokers_store) {
  end(device_);
  EXPECT_FALSE(receives(device_, root() + "/downlink")) << "nor into it";
  device_.clean_start = false;
  device_.sub_count = 1;
  device_.protocol_version = 5;
  log_in(device_, v2());
  EXPECT_FALSE(receives(device_, root() + "/downlink")) << "at its login";
  const auto told = events_of<link::Listening>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].short_of_places);
  EXPECT_TRUE(receives(device_, root() + "/downlink")) << "later";
}

TEST_F(Access, V2_5_a_will_out_of_the_brokers_file_is_its_devices) {
  end(device_);
  Client restored;  // after a broker's restart: never logged in
  restored.id = "V2_AA30C505.20MQTTJ000121~000";
  restored.username = "7ED01E2A-AA30C505-20MQTTJ000121";
  EXPECT_TRUE(may_publish(restored, root() + "/uplink"));
  EXPECT_FALSE(may_subscribe(restored, root() + "/downlink"));
  restored.username = "7ED01E2A-AA30C505-20MQTTJ000122";
  EXPECT_FALSE(may_publish(restored, root() + "/uplink"));
  restored.username = "00000000-AA30C505-20MQTTJ000121";
  EXPECT_FALSE(may_publish(restored, root() + "/uplink"));
  restored.username = "7ED01E2A-AA30C505-20MQTTJ000121";
  restored.id = "V2_AA30C505.20MQTTJ000121~001";
  EXPECT_FALSE(may_publish(restored, root() + "/uplink")) << "of a former registration";
}

TEST_F(Access, a_stored_session_of_a_disabled_device_gets_nothing) {
  end(device_);
  auto disabled = device();
  disabled.enabled = false;
  publish_device(key(), disabled);
  tick();
  EXPECT_FALSE(receives(device_, root() + "/downlink"));
}

TEST_F(Access, a_stored_session_of_the_service_gets_everything) {
  end(service_);
  EXPECT_TRUE(receives(service_, root() + "/uplink"));
  EXPECT_TRUE(receives(service_, "/sys/device/auth"));
}

TEST_F(Access, TOPIC_15_a_will_obeys_the_rules_of_a_publish) {
  end(device_);
  EXPECT_TRUE(may_publish(device_, root() + "/uplink"));
  EXPECT_FALSE(may_publish(device_, root() + "/downlink"));
  const auto refused = events_of<link::Refused>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].what, link::Refused::What::will);
  EXPECT_EQ(refused[0].requirement, "TOPIC-1");
}

TEST_F(Access, TOPIC_15_a_retained_will_is_sent_without_the_flag) {
  end(device_);
  EXPECT_FALSE(may_publish(device_, root() + "/uplink", true));
  ASSERT_EQ(broker().published.size(), 1U);
  EXPECT_EQ(broker().published[0].topic, root() + "/uplink");
  EXPECT_EQ(broker().published[0].payload, "x");
  EXPECT_EQ(broker().published[0].qos, 1);
  EXPECT_FALSE(broker().published[0].retain);
}

TEST_F(Access, TOPIC_15_the_will_of_a_takeover_too) {
  Client successor;
  log_in(successor, v2(0, 2));
  EXPECT_FALSE(may_publish(device_, root() + "/uplink", true));
  ASSERT_EQ(broker().published.size(), 1U);
  EXPECT_FALSE(broker().published[0].retain);
}

TEST_F(Access, AUTH_4_a_will_on_the_auth_topic_is_stamped) {
  end(auth_);
  EXPECT_FALSE(may_publish(auth_, "/sys/device/auth"));
  ASSERT_EQ(broker().published.size(), 1U);
  EXPECT_THAT(
      broker().published[0].user_properties,
      ElementsAre(Pair("xgate-open-id", "7ED01E2A"), Pair("xgate-product-id", "AA30C505"),
                  Pair("xgate-node-eui", "newdevice1"), Pair("xgate-login", "auth"),
                  Pair("xgate-session", plugin_->outbox.epoch() + "/0"), Pair("xgate-address", ""),
                  Pair("xgate-queued", plugin_->outbox.epoch() + "/0:0")))
      << "of one that is over";
}

TEST_F(Access, OTA_3_a_will_brings_no_session_of_its_own) {
  Client newer;
  log_in(newer, v2(0, 1675404868));  // the first one is taken over, and its will sent
  broker().published.clear();
  EXPECT_FALSE(may_publish(device_, root() + "/firmware_report"));
  ASSERT_EQ(broker().published.size(), 1U);
  EXPECT_THAT(broker().published[0].user_properties,
              ElementsAre(Pair("xgate-session", plugin_->outbox.epoch() + "/1")));
  end(device_);
  broker().published.clear();
  EXPECT_FALSE(may_publish(device_, root() + "/ota_notify_ack"));
  ASSERT_EQ(broker().published.size(), 1U) << "sent by the broker after the session's end";
  EXPECT_THAT(broker().published[0].user_properties, ElementsAre());
}

TEST_F(Access, AUTH_4_a_will_that_looks_like_a_publish_reaches_nobody_unstamped) {
  // as the broker sends wills on its way down: WRITE of a live client, then READs, no MESSAGE
  ASSERT_TRUE(may_publish(auth_, "/sys/device/auth"));
  EXPECT_FALSE(receives(service_, "/sys/device/auth"));
  // a real publish
  ASSERT_TRUE(may_publish(auth_, "/sys/device/auth"));
  MessageEvent event;
  ASSERT_EQ(message(auth_, "/sys/device/auth", event), MOSQ_ERR_SUCCESS);
  EXPECT_TRUE(receives(service_, "/sys/device/auth"));
}

TEST_F(Access, TOPIC_15_what_was_left_retained_is_delivered_to_nobody_and_removed) {
  EXPECT_FALSE(receives(service_, root() + "/uplink", "old", true));
  ASSERT_EQ(broker().published.size(), 1U);
  EXPECT_TRUE(broker().published[0].retain);
  EXPECT_EQ(broker().published[0].payload, "");
  // the removal itself is a retained message too
  EXPECT_FALSE(receives(service_, root() + "/uplink", "", true));
  EXPECT_EQ(broker().published.size(), 1U);
  EXPECT_TRUE(receives(service_, root() + "/downlink", "x", true));
}

// ------------------------------------------------------------------- MESSAGE
TEST_F(Access, TOPIC_15_a_retained_publish_loses_the_flag) {
  MessageEvent event;
  event.retain = true;
  EXPECT_EQ(message(device_, root() + "/uplink", event), MOSQ_ERR_SUCCESS);
  EXPECT_FALSE(event.retain);
  event.retain = true;
  EXPECT_EQ(message(service_, root() + "/downlink", event), MOSQ_ERR_SUCCESS);
  EXPECT_TRUE(event.retain);
}

TEST_F(Access, AUTH_4_the_stamp_replaces_what_the_client_sent) {
  MessageEvent event;
  mosquitto_property_add_string_pair(&event.properties, 38, "xgate-open-id", "FORGED00");
  mosquitto_property_add_string_pair(&event.properties, 38, "own", "property");
  const auto* head = event.properties;
  ASSERT_EQ(message(auth_, "/sys/device/auth", event), MOSQ_ERR_SUCCESS);
  // 2.0.11 never frees a list that was replaced, later ones always do: the head must stay
  EXPECT_EQ(event.properties, head);
  EXPECT_THAT(fakes::user_properties(event.properties),
              ElementsAre(Pair("xgate-open-id", "7ED01E2A"), Pair("xgate-product-id", "AA30C505"),
                          Pair("xgate-node-eui", "newdevice1"), Pair("xgate-login", "auth"),
                          Pair("xgate-session", plugin_->outbox.epoch() + "/2"),
                          Pair("xgate-address", "192.0.2.1"),
                          Pair("xgate-queued", plugin_->outbox.epoch() + "/0:0")));
  mosquitto_property_free_all(&event.properties);
  EXPECT_EQ(broker().properties_alive, 0);
}

TEST_F(Access, AUTH_4_a_bridge_cannot_ask) {
  Client bridge;
  MessageEvent event;
  EXPECT_EQ(message(bridge, "/sys/device/auth", event), MOSQ_ERR_ACL_DENIED);
  EXPECT_EQ(message(bridge, "elsewhere", event), MOSQ_ERR_SUCCESS);
}

class Limited : public Access {
 protected:
  /// What of `count` uplinks at once is handed on.
  int flood(Client& client, int count) {
    int passed = 0;
    for (int i = 0; i < count; ++i) passed += may_publish(client, root() + "/uplink") ? 1 : 0;
    return passed;
  }
};

TEST_F(Limited, LIMIT_1_a_flood_ends_the_session_and_is_told) {
  EXPECT_EQ(flood(device_, 5000), 1000 + 10);
  tick();
  EXPECT_THAT(broker().kicked, ElementsAre(Pair(std::string(device_.id.c_str()), true)));
  const auto refusals = events_of<link::Refused>();
  ASSERT_FALSE(refusals.empty());
  EXPECT_EQ(refusals.back().requirement, "LIMIT-1");
  EXPECT_THAT(refusals.back().reason, testing::HasSubstr("its session was ended"));
  EXPECT_GE(plugin_->limits.counts[0], 1000);
}

TEST_F(Limited, LIMIT_1_the_first_beyond_it_are_stamped_for_an_answer) {
  flood(device_, 1000);
  ASSERT_TRUE(may_publish(device_, root() + "/uplink"));
  MessageEvent event;
  ASSERT_EQ(message(device_, root() + "/uplink", event), MOSQ_ERR_SUCCESS);
  EXPECT_THAT(fakes::user_properties(event.properties),
              testing::Contains(Pair("xgate-limit", plugin_->outbox.epoch() + "/1:100")));
}

TEST_F(Limited, LIMIT_1_filters_count_like_messages) {
  int granted = 0;
  for (int i = 0; i < 3000; ++i) granted += may_subscribe(device_, root() + "/downlink") ? 1 : 0;
  EXPECT_EQ(granted, 1000);
  tick();
  EXPECT_EQ(broker().kicked.size(), 1);
}

TEST_F(Limited, LIMIT_1_a_new_connection_gives_nothing_anew) {
  flood(device_, 1000);
  end(device_);
  Client again;
  ASSERT_EQ(log_in(again, v2()), MOSQ_ERR_SUCCESS);
  EXPECT_LE(flood(again, 1000), 10);
}

TEST_F(Limited, LIMIT_1_the_platform_has_none) {
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(may_publish(service_, root() + "/downlink"));
}

TEST_F(Limited, LIMIT_4_a_product_asks_so_often_whoever_its_devices_are) {
  int asked = 0;
  for (int n = 0; n < 1500; ++n) {
    Client one;
    ASSERT_EQ(log_in(one, auth("made" + std::to_string(n))), MOSQ_ERR_SUCCESS);
    asked += may_publish(one, "/sys/device/auth") ? 1 : 0;
    end(one);
  }
  EXPECT_EQ(asked, 1000);
}

TEST_F(Limited, LIMIT_4_one_login_asks_ten_times_at_once) {
  int asked = 0;
  for (int i = 0; i < 15; ++i) {
    if (!may_publish(auth_, "/sys/device/auth")) continue;
    MessageEvent event;
    message(auth_, "/sys/device/auth", event);
    for (const auto& [name, value] : fakes::user_properties(event.properties)) {
      asked += name == "xgate-login" ? 1 : 0;
      asked -= name == "xgate-limit" ? 1 : 0;
    }
  }
  EXPECT_EQ(asked, 10);
}

TEST_F(Limited, LIMIT_5_a_session_has_so_many_filters) {
  device_.sub_count = 99;
  EXPECT_TRUE(may_subscribe(device_, root() + "/downlink"));
  device_.sub_count = 100;
  EXPECT_FALSE(may_subscribe(device_, root() + "/downlink"));
  EXPECT_EQ(last_refusal(), "LIMIT-5");
}

TEST_F(Limited, LIMIT_3_one_identity_logs_in_so_often) {
  int let_in = 0;
  for (int i = 0; i < 50; ++i) {
    Client again;
    let_in += log_in(again, v2()) == MOSQ_ERR_SUCCESS ? 1 : 0;
    end(again);
  }
  EXPECT_EQ(let_in, 9);  // and the fixture's
  EXPECT_EQ(last_refusal(), "LIMIT-3");
}

TEST_F(Limited, LIMIT_6_what_follows_a_message_at_qos_2_comes_behind_it) {
  const auto publish = [this](int qos, std::string_view payload) {
    return access(device_, MOSQ_ACL_WRITE, root() + "/uplink", payload, false, qos);
  };
  EXPECT_EQ(publish(2, "first"), MOSQ_ERR_ACL_DENIED);
  EXPECT_EQ(publish(1, "second"), MOSQ_ERR_ACL_DENIED);
  EXPECT_EQ(publish(0, "third"), MOSQ_ERR_ACL_DENIED);
  std::vector<std::pair<std::string, int>> sent;
  for (const auto& one : broker().published) sent.emplace_back(one.payload, one.qos);
  EXPECT_THAT(sent, ElementsAre(Pair("first", 1), Pair("second", 1), Pair("third", 0)));
  tick();  // by then the broker has handed them out
  EXPECT_EQ(publish(1, "fourth"), MOSQ_ERR_SUCCESS);
}

TEST_F(Limited, LIMIT_4_wills_of_many_logins_have_the_products_limit) {
  int asked = 0;
  for (int n = 0; n < 1500; ++n) {
    Client one;
    ASSERT_EQ(log_in(one, auth("made" + std::to_string(n))), MOSQ_ERR_SUCCESS);
    broker().published.clear();
    end(one);
    may_publish(one, "/sys/device/auth");  // as the broker sends it: after the end
    asked += static_cast<int>(broker().published.size());
  }
  EXPECT_EQ(asked, 1000);
  EXPECT_EQ(last_refusal(), "LIMIT-4");
}

TEST_F(Limited, LIMIT_3_a_product_logs_in_so_often_for_authentication) {
  int let_in = 0;
  for (int n = 0; n < 3000; ++n) {
    Client one;
    let_in += log_in(one, auth("made" + std::to_string(n))) == MOSQ_ERR_SUCCESS ? 1 : 0;
    end(one);
  }
  EXPECT_EQ(let_in, 1999);  // and the fixture's
  EXPECT_EQ(last_refusal(), "LIMIT-3");
}

/// Fills a queue of the service's with what the product's devices sent.
void fill(Plugin& plugin, ServiceQueue& queue, QueueShare& share, int count) {
  for (int i = 0; i < count; ++i) {
    queue.charge(share, plugin.options.limits, 100);
    queue.put(100);
  }
}

TEST_F(Limited, LIMIT_7_no_will_fills_a_full_queue) {
  end(device_);
  EXPECT_TRUE(may_publish(device_, root() + "/uplink"));
  auto& limits = plugin_->limits;
  fill(*plugin_, limits.queues.uplinks, limits.product(product_id).uplinks, 100'000);
  EXPECT_FALSE(may_publish(device_, root() + "/uplink"));
  now_ms += 1000;  // where the service is behind it is told once a second
  EXPECT_EQ(last_refusal(), "LIMIT-7");
}

TEST_F(Limited, LIMIT_7_a_product_that_fills_the_queue_of_requests_for_authentication_waits_first) {
  auto& limits = plugin_->limits;
  fill(*plugin_, limits.queues.auth, limits.product(product_id).auth, 75'000);
  int asked = 0;
  for (int n = 0; n < 200; ++n) {
    Client one;
    ASSERT_EQ(log_in(one, auth("made" + std::to_string(n))), MOSQ_ERR_SUCCESS);
    asked += may_publish(one, "/sys/device/auth") ? 1 : 0;
    end(one);
  }
  EXPECT_THAT(asked, testing::AllOf(testing::Gt(20), testing::Lt(200)));
  EXPECT_EQ(last_refusal(), "LIMIT-7");
}

TEST_F(Limited, LIMIT_7_of_a_full_queue_of_requests_one_a_second_tells_whether_it_still_is) {
  auto& limits = plugin_->limits;
  fill(*plugin_, limits.queues.auth, limits.product(product_id).auth, 200'000);
  EXPECT_TRUE(may_publish(auth_, "/sys/device/auth"));
  EXPECT_FALSE(may_publish(auth_, "/sys/device/auth"));
}

TEST_F(Limited, LIMIT_7_events_wait_a_second_where_the_service_is_behind) {
  tick();
  for (int i = 0; i < 10'000; ++i) plugin_->limits.queues.uplinks.put(100);
  tick();
  broker().published.clear();
  for (int n = 0; n < 50; ++n) {
    Client one;
    ASSERT_EQ(log_in(one, auth("made" + std::to_string(n))), MOSQ_ERR_SUCCESS);
    end(one);
    tick();
  }
  EXPECT_EQ(broker().published.size(), 0U);
  now_ms += 1000;
  tick();
  EXPECT_EQ(broker().published.size(), 1U);
}

TEST_F(Limited, what_was_counted_until_the_service_went_is_told_to_whoever_comes_next) {
  auto credentials = service();
  credentials.client_id = "xgate-local-uplinks";
  Client uplinks;
  ASSERT_EQ(log_in(uplinks, credentials), MOSQ_ERR_SUCCESS);
  tick();
  broker().published.clear();
  tick();
  ASSERT_EQ(broker().published.size(), 0U);
  end(uplinks);
  tick();
  EXPECT_EQ(broker().published.size(), 1U);
}

}  // namespace
}  // namespace xgate::plugin
