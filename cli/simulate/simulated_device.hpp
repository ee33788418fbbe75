// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/simulate/alarm.hpp"
#include "cli/simulate/device_login.hpp"
#include "cli/simulate/enquiries.hpp"
#include "cli/simulate/platform_command.hpp"
#include "cli/simulate/reaction.hpp"
#include "cli/simulate/surroundings.hpp"

namespace xgate::cli {

/// One device of a scenario: logs in, does its [[do]]s, answers by its [[on]]s, upgrades itself.
class SimulatedDevice {
 public:
  SimulatedDevice(const Surroundings& around, DeviceAccount account);
  SimulatedDevice(const SimulatedDevice&) = delete;
  SimulatedDevice& operator=(const SimulatedDevice&) = delete;

  void start() { login_.begin(); }
  /// Does nothing more by itself; still answers, and waits for answers.
  void rest();
  /// It is where it was told to be, and nothing of its own waits for an answer.
  bool idle() const noexcept {
    return login_.settled() && (!login_.at_work() || (enquiries_.idle() && delayed_ == 0));
  }
  /// When it rests and the end has come, before stop(): tells what is open.
  void judge_end() {
    enquiries_.give_up_all();
    login_.judge_end();
  }
  /// Ends its session in order.
  void stop(std::function<void()> done);
  /// Every [[do]] is done and answered, and nothing else is under way; or it gave up.
  bool finished() const noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  struct Progress {
    Clock::time_point due;
    std::int64_t done = 0;
  };
  struct Answered {
    protocol::MessageId message_id;
    protocol::TopicName topic;
    std::vector<Outgoing> answer;
  };

  // What it does by itself
  void on_at_work();
  void report_firmware();
  void ask_time(const std::string& expect);
  void do_what_is_due();
  void set_alarm();
  void perform(const Task& task, std::int64_t count);
  void reboot(std::chrono::milliseconds away);
  nlohmann::json history_of(const Task& task, const Filling& filling) const;

  // What it is told
  void on_received(const mqtt::Publish& message);
  void on_downlink(const protocol::TopicMatch& topic, const protocol::Frame& frame);
  void on_command(const protocol::TopicMatch& topic, const protocol::Frame& frame);
  bool answer_again(const PlatformCommand& command);
  const Rule& rule_for(const PlatformCommand& command);
  void answer(const std::vector<Outgoing>& messages, const Rule& rule);
  void send(const Outgoing& message, std::string expect = "200");
  void tell(const Fault& what) const { around_.tell(name_, what); }
  void later(std::chrono::milliseconds time, std::function<void()> then);

  // OTA-2
  void begin_upgrade(const PlatformCommand& command, const Rule& rule);
  void on_image(const tl::expected<Downloaded, std::string>& image, Rule::Upgrade kind);

  Filling filling(std::int64_t count) const;

  const Surroundings& around_;
  std::string node_eui_;
  std::string name_;
  DeviceLogin login_;
  Enquiries enquiries_;
  Alarm tasks_alarm_;
  Alarm reboot_alarm_;
  DeviceMemory memory_;
  bool started_ = false;
  bool resting_ = false;
  bool stopping_ = false;
  std::vector<Progress> progress_;        ///< by task
  std::vector<std::int64_t> rules_used_;  ///< by rule
  std::deque<Answered> answered_;         ///< the newest commands: one may come again
  int delayed_ = 0;
  std::optional<UpgradeNotice> upgrade_;                  ///< under way
  std::optional<UpgradeNotice> expected_;                 ///< installed, and to be reported
  std::set<std::string> finished_upgrades_;               ///< DownIDs
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< what comes late holds it weakly
};

}  // namespace xgate::cli
