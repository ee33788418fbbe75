// SPDX-License-Identifier: Apache-2.0
#include "protocol/access.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "topic_rows.hpp"

namespace xgate::protocol {
namespace {

constexpr IdentityView id{"7ED01E2A", "AA30C505", "20MQTTJ000121"};
const std::string root = "/sys/7ED01E2A/AA30C505/20MQTTJ000121/";

const Rights device(Role::device, id, false, false);
const Rights encrypted_device(Role::device, id, true, false);
const Rights hash_device(Role::device, id, false, true);
const Rights auth_login(Role::auth, id, false, false);

void expect_refused(const Decision& decision, std::string_view requirement) {
  EXPECT_FALSE(decision.allow);
  EXPECT_EQ(decision.requirement, requirement);
  EXPECT_FALSE(decision.reason.empty());
}

void expect_allowed(const Decision& decision) {
  EXPECT_TRUE(decision.allow) << decision.reason;
  EXPECT_TRUE(decision.requirement.empty());
  EXPECT_TRUE(decision.reason.empty());
}

/// Topics that look like the device's own and are another's.
const std::vector<std::string> foreign_roots{
    "/sys/7ED01E2A/AA30C505/20MQTTJ0001212/",  // a longer NodeEui
    "/sys/7ED01E2A/AA30C505/20MQTTJ00012/",    // a shorter one
    "/sys/7ED01E2A/AA30C505/20mqttj000121/",   // in the other case
    "/sys/7ED01E2A/AA30C506/20MQTTJ000121/",   // another product
    "/sys/7ED01E2B/AA30C505/20MQTTJ000121/",   // another vendor
    "/sys/7ed01e2a/aa30c505/20MQTTJ000121/",   // the ids in the other case
    "/sys//AA30C505/20MQTTJ000121/",          "sys/7ED01E2A/AA30C505/20MQTTJ000121/",
    "//sys/7ED01E2A/AA30C505/20MQTTJ000121/", "x/sys/7ED01E2A/AA30C505/20MQTTJ000121/",
};

TEST(Access, TOPIC_a_device_may_do_with_each_topic_what_its_column_says) {
  for (const auto& row : expected_rows()) {
    const auto topic = root + row.suffix;
    SCOPED_TRACE(topic);
    if (row.verb == DeviceVerb::publish) {
      expect_allowed(device.may_publish(topic));
      expect_refused(device.may_subscribe(topic), row.requirement);
      expect_refused(device.may_receive(topic), row.requirement);
    } else {
      expect_refused(device.may_publish(topic), row.requirement);
      expect_allowed(device.may_subscribe(topic));
      expect_allowed(device.may_receive(topic));
    }
  }
}

TEST(Access, AUTH_2_an_auth_login_may_ask_and_hear_its_downlink_and_nothing_else) {
  expect_allowed(auth_login.may_publish("/sys/device/auth"));
  for (const auto& row : expected_rows()) {
    const auto topic = root + row.suffix;
    SCOPED_TRACE(topic);
    expect_refused(auth_login.may_publish(topic), "AUTH-2");
    if (row.name == TopicName::downlink) {
      expect_allowed(auth_login.may_subscribe(topic));
      expect_allowed(auth_login.may_receive(topic));
    } else {
      expect_refused(auth_login.may_subscribe(topic), "AUTH-2");
      expect_refused(auth_login.may_receive(topic), "AUTH-2");
    }
  }
}

TEST(Access, AUTH_2_an_auth_login_may_not_use_wildcards) {
  for (const auto& filter : std::vector<std::string>{
           root + "+", root + "#", std::string("#"), std::string("+"),
           std::string("/sys/+/+/+/downlink"), std::string("/sys/7ED01E2A/AA30C505/+/downlink")}) {
    SCOPED_TRACE(filter);
    expect_refused(auth_login.may_subscribe(filter), "AUTH-2");
  }
  expect_refused(auth_login.may_subscribe("$share/g/" + root + "downlink"), "TOPIC");
}

TEST(Access, TOPIC_nothing_below_another_identity_for_either_role) {
  for (const auto& foreign : foreign_roots) {
    for (const auto& row : expected_rows()) {
      const auto topic = foreign + row.suffix;
      SCOPED_TRACE(topic);
      const std::string requirement = foreign.starts_with("/sys/") ? row.requirement : "TOPIC";
      expect_refused(device.may_publish(topic), requirement);
      expect_refused(device.may_subscribe(topic), requirement);
      expect_refused(device.may_receive(topic), requirement);
      expect_refused(auth_login.may_publish(topic), "AUTH-2");
      expect_refused(auth_login.may_subscribe(topic), "AUTH-2");
      expect_refused(auth_login.may_receive(topic), requirement);
    }
    expect_refused(device.may_subscribe(foreign + "+"), "TOPIC");
  }
}

TEST(Access, TOPIC_the_root_itself_and_unknown_topics_are_refused) {
  const auto without_slash = root.substr(0, root.size() - 1);
  for (const auto& topic : std::vector<std::string>{
           without_slash, root, root + "nothing", root + "uplink/", root + "model/event/a/b/report",
           std::string(), std::string("/"), std::string("$SYS/broker/uptime"),
           std::string("$xgate/v1/events"), std::string("$CONTROL/xgate/v1")}) {
    SCOPED_TRACE(topic);
    expect_refused(device.may_publish(topic), "TOPIC");
    expect_refused(device.may_subscribe(topic), "TOPIC");
    expect_refused(device.may_receive(topic), "TOPIC");
  }
}

TEST(Access, TOPIC_2_auth_is_for_encrypted_and_type_2_devices_too) {
  expect_allowed(encrypted_device.may_publish("/sys/device/auth"));
  expect_refused(device.may_publish("/sys/device/auth"), "TOPIC-2");
}

TEST(Access, TOPIC_2_nobody_hears_the_requests) {
  for (const auto* rights : {&device, &encrypted_device, &hash_device, &auth_login}) {
    EXPECT_FALSE(rights->may_subscribe("/sys/device/auth").allow);
    EXPECT_FALSE(rights->may_subscribe("/sys/device/+").allow);
    EXPECT_FALSE(rights->may_receive("/sys/device/auth").allow);
  }
}

TEST(Access, TOPIC_plus_below_the_root_may_be_subscribed) {
  expect_allowed(device.may_subscribe(root + "+"));
}

TEST(Access, TOPIC_plus_may_stand_for_an_identifier_and_nothing_else) {
  expect_allowed(device.may_subscribe(root + "model/event/+/report_ack"));
  expect_allowed(device.may_subscribe(root + "model/service/+"));
  expect_refused(device.may_subscribe(root + "model/event/+/report"), "TOPIC-11");
  expect_refused(device.may_subscribe(root + "model/service/+/ack"), "TOPIC-12");
  for (const auto& suffix :
       std::vector<std::string>{"+/property/set", "model/+/set", "model/property/+",
                                "model/event/+/+", "+/+", "model/+", "model/hex/+"}) {
    SCOPED_TRACE(suffix);
    expect_refused(device.may_subscribe(root + suffix), "TOPIC");
  }
}

TEST(Access, TOPIC_wildcards_are_no_topics_to_publish_to) {
  for (const auto& suffix :
       std::vector<std::string>{"+", "#", "model/event/+/report", "model/service/+/ack"}) {
    SCOPED_TRACE(suffix);
    expect_refused(device.may_publish(root + suffix), "TOPIC");
    expect_refused(device.may_receive(root + suffix), "TOPIC");
  }
}

TEST(Access, TOPIC_hash_is_refused_unless_the_product_allows_it) {
  for (const auto& suffix : std::vector<std::string>{"#", "model/#", "model/event/#"}) {
    SCOPED_TRACE(suffix);
    expect_refused(device.may_subscribe(root + suffix), "TOPIC");
    expect_allowed(hash_device.may_subscribe(root + suffix));
  }
  for (const auto& filter : std::vector<std::string>{
           "#", "/#", "/sys/#", "/sys/7ED01E2A/#", "/sys/7ED01E2A/AA30C505/#",
           "/sys/7ED01E2A/AA30C505/+/#", "/sys/7ED01E2A/AA30C505/20MQTTJ0001212/#", "$SYS/#"}) {
    SCOPED_TRACE(filter);
    expect_refused(hash_device.may_subscribe(filter), "TOPIC");
  }
}

TEST(Access, TOPIC_whatever_the_filter_a_devices_own_reports_do_not_come_back) {
  expect_refused(hash_device.may_receive(root + "uplink"), "TOPIC-3");
  expect_refused(hash_device.may_receive(root + "model/event/alarm/report"), "TOPIC-11");
}

TEST(Access, TOPIC_shared_subscriptions_are_refused_whatever_is_inside) {
  for (const auto& filter : std::vector<std::string>{
           "$share/g/" + root + "downlink", "$share/g/" + root + "+", std::string("$share/g/#"),
           std::string("$share//x"), std::string("$share/")}) {
    SCOPED_TRACE(filter);
    expect_refused(device.may_subscribe(filter), "TOPIC");
    expect_refused(hash_device.may_subscribe(filter), "TOPIC");
  }
}

TEST(Access, rights_outlive_the_text_they_were_made_from) {
  std::string open_id = "7ED01E2A";
  const Rights rights(Role::device, {open_id, "AA30C505", "20MQTTJ000121"}, false, false);
  open_id = "00000000";
  EXPECT_EQ(view(rights.identity()), id);
  expect_allowed(rights.may_publish(root + "uplink"));
}

}  // namespace
}  // namespace xgate::protocol
