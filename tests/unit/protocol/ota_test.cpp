// SPDX-License-Identifier: Apache-2.0
#include "protocol/ota.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using S = UpgradeState;
using E = UpgradeEvent;
using A = UpgradeAction;

constexpr std::int64_t minute = 60 * 1000;

/// An upgrade from v1 to v2, and what its device says.
struct Ota : ::testing::Test {
  Upgrade upgrade{.version = "v2"};
  std::int64_t now = 1000;

  A report(std::string_view version, std::string_view session, bool redelivered = false) {
    return on_firmware_report(upgrade, version, {session, redelivered, now++});
  }
  bool confirm(std::string_view session, bool redelivered = false) {
    return on_confirmation(upgrade, {session, redelivered, now++});
  }
  bool happen(E event) {
    const auto step = next_step(upgrade.state, upgrade.confirmed_at_ms.has_value(), event);
    if (step) upgrade.state = step->state;
    return step.has_value();
  }
};

TEST_F(Ota, OTA_1_the_first_report_notifies) {
  EXPECT_EQ(report("v1", "e/1"), A::notify);
  EXPECT_EQ(upgrade.state, S::notified);
  EXPECT_EQ(upgrade.version_before, "v1");
}

TEST_F(Ota, OTA_3_the_whole_way) {
  report("v1", "e/1");
  EXPECT_TRUE(confirm("e/1"));
  EXPECT_EQ(upgrade.state, S::confirmed);
  EXPECT_TRUE(happen(E::download_started));
  EXPECT_EQ(report("v2", "e/2"), A::none);
  EXPECT_EQ(upgrade.state, S::succeeded);
  EXPECT_EQ(upgrade.version_after, "v2");
  EXPECT_TRUE(upgrade.ended_at_ms);
  EXPECT_EQ(upgrade.reason, "");
}

TEST_F(Ota, OTA_3_another_version_after_a_new_start_is_failure_and_names_both) {
  report("v1", "e/1");
  confirm("e/1");
  EXPECT_EQ(report("v1.5", "e/2"), A::none);
  EXPECT_EQ(upgrade.state, S::failed);
  EXPECT_THAT(upgrade.reason, HasSubstr("v1.5"));
  EXPECT_THAT(upgrade.reason, HasSubstr("v2"));
}

TEST_F(Ota, OTA_3_a_resend_before_the_confirmation_is_no_verdict_and_notifies_once) {
  report("v1", "e/1");
  EXPECT_EQ(report("v1", "e/1"), A::none);
  EXPECT_EQ(report("v1", "e/1", true), A::none);
  EXPECT_EQ(upgrade.state, S::notified);
}

TEST_F(Ota, OTA_3_a_device_that_started_again_without_an_answer_is_notified_again) {
  report("v1", "e/1");
  EXPECT_EQ(report("v1", "e/2"), A::notify_again);
  EXPECT_EQ(report("v1", "e/2"), A::none) << "once a session";
  EXPECT_EQ(report("v1", "e/1", true), A::none) << "an old one, delivered again";
  now += notify_again_after_ms;
  EXPECT_EQ(report("v1", "e/2"), A::notify_again) << "it goes on reporting: it did not hear";
  EXPECT_EQ(report("v1", "e/2"), A::none);
}

TEST_F(Ota, OTA_3_the_old_version_in_the_same_session_is_a_device_at_work) {
  report("v1", "e/1");
  confirm("e/1");
  for (int i = 0; i < 3; ++i) {
    now += 30 * minute;
    EXPECT_EQ(report("v1", "e/1"), A::none);
    EXPECT_EQ(upgrade.state, S::confirmed);
  }
  happen(E::download_started);
  report("v1", "e/1");
  EXPECT_EQ(upgrade.state, S::downloading);
}

TEST_F(Ota, OTA_3_what_has_that_version_already_succeeds_at_once) {
  EXPECT_EQ(report("v2", ""), A::none);
  EXPECT_EQ(upgrade.state, S::succeeded);
  EXPECT_THAT(upgrade.reason, HasSubstr("already"));
}

TEST_F(Ota, OTA_3_a_confirmation_that_was_lost_costs_nothing) {
  report("v1", "e/1");
  EXPECT_TRUE(happen(E::download_started));
  report("v1", "e/1");
  EXPECT_EQ(upgrade.state, S::downloading);
  EXPECT_EQ(report("v1", "e/2"), A::notify_again) << "nothing to judge by: it is asked again";
  EXPECT_EQ(upgrade.state, S::downloading);
  EXPECT_TRUE(confirm("e/2"));
  EXPECT_EQ(upgrade.state, S::downloading) << "a late confirmation does not lead back";
  report("v2", "e/3");
  EXPECT_EQ(upgrade.state, S::succeeded);
}

TEST_F(Ota, OTA_3_without_a_stamp_nothing_is_a_failure) {
  report("v1", "e/1");
  confirm("e/1");
  report("v1", "");
  report("v1", "e");
  report("v1", "e/x");
  report("v1", "/2");
  EXPECT_EQ(upgrade.state, S::confirmed);
}

TEST_F(Ota, OTA_3_a_confirmation_without_a_stamp_leaves_the_verdict_to_success_or_time) {
  report("v1", "e/1");
  confirm("");
  report("v1", "e/2");
  EXPECT_EQ(upgrade.state, S::confirmed);
  confirm("e/3");
  report("v1", "e/4");
  EXPECT_EQ(upgrade.state, S::failed) << "a later one says in which session it began";
}

TEST_F(Ota, OTA_3_an_old_report_delivered_again_is_no_verdict) {
  report("v1", "e/1");
  confirm("e/2");
  report("v1", "e/1", true);
  report("v1", "other/9", true);
  EXPECT_EQ(upgrade.state, S::confirmed);
  report("v1", "other/9");
  EXPECT_EQ(upgrade.state, S::failed) << "the broker has started anew, and so has the device";
}

TEST_F(Ota, OTA_3_who_confirms_again_begins_again) {
  report("v1", "e/1");
  confirm("e/1");
  EXPECT_FALSE(confirm("e/1", true)) << "a duplicate";
  EXPECT_TRUE(confirm("e/2"));
  report("v1", "e/2");
  EXPECT_EQ(upgrade.state, S::confirmed);
  EXPECT_FALSE(confirm("e/1", true));
}

TEST_F(Ota, OTA_3_what_comes_late_changes_nothing) {
  report("v1", "e/1");
  happen(E::time_limit);
  ASSERT_EQ(upgrade.state, S::timed_out);
  const Upgrade before = upgrade;
  EXPECT_FALSE(confirm("e/1"));
  EXPECT_EQ(report("v2", "e/2"), A::none);
  EXPECT_FALSE(happen(E::download_started));
  EXPECT_FALSE(happen(E::cancel));
  EXPECT_EQ(upgrade, before);
  EXPECT_TRUE(happen(E::retry));
  EXPECT_EQ(upgrade.state, S::pending);
}

TEST_F(Ota, OTA_2_a_confirmation_of_what_was_not_told_is_nothing) {
  EXPECT_FALSE(confirm("e/1"));
  EXPECT_EQ(upgrade.state, S::pending);
}

TEST(OtaTable, ends_change_by_retry_alone) {
  for (const S state : {S::succeeded, S::failed, S::timed_out, S::cancelled}) {
    for (int event = 0; event < upgrade_events; ++event) {
      const auto step = next_step(state, true, static_cast<E>(event));
      const bool retried =
          static_cast<E>(event) == E::retry && (state == S::failed || state == S::timed_out);
      EXPECT_EQ(step.has_value(), retried) << to_string(state) << ' ' << event;
    }
  }
}

TEST(OtaTable, statements_over_rows_are_made_of_it) {
  for (const E event : {E::download_started, E::time_limit, E::cancel, E::retry}) {
    const auto transition = transition_of(event);
    for (int i = 0; i < upgrade_states; ++i) {
      const auto state = static_cast<S>(i);
      const auto step = next_step(state, true, event);
      const bool listed = std::ranges::find(transition.from, state) != transition.from.end();
      EXPECT_EQ(step.has_value(), listed) << to_string(state);
      if (step) {
        EXPECT_EQ(step->state, transition.to);
      }
    }
  }
  EXPECT_TRUE(transition_of(E::confirmed).from.empty());
}

TEST(OtaTable, states_have_names) {
  for (int i = 0; i < upgrade_states; ++i) {
    const auto state = static_cast<S>(i);
    EXPECT_EQ(upgrade_state_from(to_string(state)), state);
  }
  EXPECT_FALSE(upgrade_state_from("done"));
  EXPECT_TRUE(is_live(S::downloading));
  EXPECT_FALSE(is_live(S::succeeded));
}

TEST(OtaSessions, are_ordered_within_an_epoch) {
  EXPECT_EQ(compare_sessions("a/2", "a/2", false), SessionOrder::same);
  EXPECT_EQ(compare_sessions("a/10", "a/9", false), SessionOrder::later);
  EXPECT_EQ(compare_sessions("a/9", "a/10", false), SessionOrder::earlier);
  EXPECT_EQ(compare_sessions("b/1", "a/9", false), SessionOrder::later);
  EXPECT_EQ(compare_sessions("b/1", "a/9", true), SessionOrder::unknown);
  for (const char* bad : {"", "a", "a/", "/1", "a/-1", "a/1x", "a/99999999999999999999"}) {
    EXPECT_EQ(compare_sessions(bad, "a/1", false), SessionOrder::unknown) << bad;
    EXPECT_EQ(compare_sessions("a/1", bad, false), SessionOrder::unknown) << bad;
  }
}

TEST(OtaNotifyFrame, OTA_1_payload_as_in_section_5_3_1) {
  OtaNotify notify{.url = "http://h:8081/ota/E0/BOX_1",
                   .version = "v2.1.4",
                   .size = 123345435,
                   .md5 = "00112233445566778899aabbccddeeff",
                   .down_id = "E0",
                   .file_name = "BOX_1",
                   .module = "module1"};
  EXPECT_EQ(build_ota_notify(notify),
            R"({"Type":2,"Url":"http://h:8081/ota/E0/BOX_1","SoftVer":"v2.1.4",)"
            R"("SoftSize":123345435,"MD5":"00112233445566778899aabbccddeeff","DownID":"E0",)"
            R"("firmwareName":"BOX_1","Module":"module1"})");
  notify.module = "default";
  EXPECT_FALSE(json::parse(build_ota_notify(notify)).contains("Module"));
}

TEST(OtaNotifyFrame, OTA_4_the_url_is_as_short_as_the_sources) {
  EXPECT_EQ(download_url("http://h:8081", "E0C040B1"), "http://h:8081/ota/E0C040B1");
  EXPECT_EQ(download_url("https://h/x/", "E0"), "https://h/x/ota/E0");
}

TEST(OtaNotifyFrame, OTA_2_the_down_id_is_read) {
  const Frame frame{7, 9, json::object(), "2.0"};
  EXPECT_EQ(parse_ota_notify_ack(frame, {{"DownID", "33367341"}}).value(), "33367341");
  for (const json& bad :
       {json("x"), json::object(), json{{"DownID", 33367341}}, json{{"DownID", ""}},
        json{{"DownID", std::string(65, 'A')}}, json{{"DownID", "A\nB"}}}) {
    const auto read = parse_ota_notify_ack(frame, bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().requirement, "OTA-2");
    EXPECT_EQ(read.error().message_id, 7);
  }
}

TEST(OtaNames, are_what_devices_and_paths_can_take) {
  EXPECT_TRUE(is_firmware_version("v2.1.4"));
  EXPECT_FALSE(is_firmware_version("版本"));
  EXPECT_FALSE(is_firmware_version(""));
  EXPECT_FALSE(is_firmware_version(std::string(65, 'v')));
  EXPECT_TRUE(is_firmware_module("模块"));
  EXPECT_FALSE(is_firmware_module("a\n"));
  EXPECT_TRUE(is_firmware_name("固件.bin"));
  for (const char* bad : {"", ".", "..", "a/b", "a\\b", "a\tb"}) {
    EXPECT_FALSE(is_firmware_name(bad)) << bad;
  }
}

}  // namespace
}  // namespace xgate::protocol
