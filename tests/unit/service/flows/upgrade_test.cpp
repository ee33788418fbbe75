// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/flows/firmware_report.hpp"
#include "service/flows/ota_notify_ack.hpp"

// OTA-1…3 as the two flows of an upgrade bring them about; the rules have tests of their own.
namespace xgate::flows {
namespace {

using nlohmann::json;
using protocol::UpgradeState;

struct UpgradeFlows : ::testing::Test {
  UpgradeFlows() {
    device.device_id = 7;
    state.download_base = "http://ota:8081";
    store::UpgradeRow row;
    row.upgrade_id = 70;
    row.job_id = 3;
    row.revision = 5;
    row.module = "default";
    row.down_id = "E0C0";
    row.file_name = "BOX.bin";
    row.md5 = "00112233445566778899aabbccddeeff";
    row.size = 1000;
    row.time_limit_ms = 60'000;
    row.upgrade.version = "v2";
    state.upgrades[7].push_back(row);
  }
  store::UpgradeRow& row() { return state.upgrades[7].front(); }

  store::FlowResult say(store::FlowResult (*flow)(const store::OpenedMessage&), int ctrl,
                        const json& payload, std::string_view session = "e/1") {
    const protocol::Frame frame{1231, ctrl, payload, "2.0"};
    return flow({.frame = frame,
                 .payload = payload,
                 .topic = topic,
                 .product = product,
                 .device = device,
                 .state = state,
                 .session = session,
                 .received_at_ms = 1000,
                 .now_ms = 2000,
                 .zone = "Asia/Shanghai"});
  }
  store::FlowResult report(const std::string& version, std::string_view session = "e/1",
                           const std::string& module = "default") {
    return say(firmware_report, 8,
               {{"HardVer", "h"}, {"SoftVer", version}, {"Type", 2}, {"Module", module}}, session);
  }
  store::FlowResult confirm(const std::string& down_id, std::string_view session = "e/1") {
    return say(ota_notify_ack, 9, {{"DownID", down_id}}, session);
  }

  protocol::TopicMatch topic{};
  store::Product product;
  store::Device device;
  store::State state;
};

TEST_F(UpgradeFlows, OTA_1_a_report_queues_the_notice_and_moves_the_deadline) {
  const auto result = report("v1");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->commands.size(), 1U);
  const store::NewCommand& notice = result->commands.front();
  EXPECT_EQ(notice.kind, protocol::CommandKind::ota_notify);
  EXPECT_EQ(notice.topic, protocol::TopicName::ota_notify);
  EXPECT_EQ(notice.header_ctrl, 9);
  EXPECT_EQ(notice.device_id, 7);
  EXPECT_EQ(notice.idempotency_key, "ota:E0C0");
  EXPECT_EQ(notice.expires_at_ms, 62'000);
  EXPECT_FALSE(notice.encrypt);
  EXPECT_EQ(json::parse(notice.payload)["Url"], "http://ota:8081/ota/E0C0");
  ASSERT_TRUE(result->upgrade);
  EXPECT_EQ(result->upgrade->upgrade_id, 70);
  EXPECT_EQ(result->upgrade->revision, 5);
  EXPECT_EQ(result->upgrade->upgrade.state, UpgradeState::notified);
  EXPECT_EQ(result->upgrade->upgrade.notified_session, "e/1");
  EXPECT_EQ(result->upgrade->deadline_at_ms, 62'000);
  EXPECT_TRUE(result->firmware) << "FW-1 as ever";
  EXPECT_THAT(result->note, ::testing::HasSubstr("job 3: notified"));
}

TEST_F(UpgradeFlows, OTA_1_another_modules_report_has_nothing_to_do_with_it) {
  const auto result = report("v1", "e/1", "radio");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->upgrade);
  EXPECT_TRUE(result->commands.empty());
}

TEST_F(UpgradeFlows, OTA_3_a_resend_changes_nothing) {
  row().upgrade = report("v1")->upgrade->upgrade;
  const auto again = report("v1");
  EXPECT_FALSE(again->upgrade);
  EXPECT_TRUE(again->commands.empty());
  EXPECT_EQ(again->note, "");
}

TEST_F(UpgradeFlows, OTA_3_a_new_session_sends_the_queued_notice_again) {
  row().upgrade = report("v1")->upgrade->upgrade;
  row().command_id = 12;
  const auto again = report("v1", "e/2");
  EXPECT_THAT(again->commands_again, ::testing::ElementsAre(12));
  EXPECT_TRUE(again->commands.empty());
  EXPECT_EQ(again->upgrade->upgrade.notified_session, "e/2");
}

TEST_F(UpgradeFlows, OTA_2_and_3_confirmed_and_started_again) {
  row().upgrade = report("v1")->upgrade->upgrade;
  const auto confirmed = confirm("E0C0");
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->upgrade->upgrade.state, UpgradeState::confirmed);
  row().upgrade = confirmed->upgrade->upgrade;
  EXPECT_FALSE(report("v1")->upgrade) << "at work";
  EXPECT_EQ(report("v2", "e/2")->upgrade->upgrade.state, UpgradeState::succeeded);
  EXPECT_EQ(report("v1", "e/2")->upgrade->upgrade.state, UpgradeState::failed);
}

TEST_F(UpgradeFlows, OTA_2_a_foreign_down_id_is_a_violation) {
  const auto result = confirm("E0C1");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().requirement, "OTA-2");
}

TEST_F(UpgradeFlows, OTA_2_a_late_confirmation_is_kept_and_changes_nothing) {
  row().upgrade.state = UpgradeState::timed_out;
  const auto result = confirm("E0C0");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->upgrade);
  EXPECT_THAT(result->note, ::testing::HasSubstr("timed_out"));
}

}  // namespace
}  // namespace xgate::flows
