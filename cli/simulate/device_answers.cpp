// SPDX-License-Identifier: Apache-2.0
// What a simulated device is told, and how it answers.
#include <algorithm>
#include <utility>

#include "cli/simulate/simulated_device.hpp"
#include "protocol/frame.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;

constexpr std::size_t most_answered = 64;

const Rule& rule_without_wishes() {
  static const Rule rule;
  return rule;
}

}  // namespace

void SimulatedDevice::on_received(const mqtt::Publish& message) {
  const auto topic = protocol::parse_topic(message.topic);
  if (!topic || topic->device != view(login_.account().device))
    return tell({"TOPIC", "a message came on " + message.topic + ", which is not its own", ""});
  const auto frame = protocol::parse_frame(message.payload, topic->name);
  if (!frame)
    return tell(
        {frame.error().requirement, "on " + message.topic + ": " + frame.error().reason, ""});
  if (carries_commands(topic->name)) return on_downlink(*topic, *frame);
  if (const auto taken = enquiries_.take(topic->name, topic->identifier, *frame); !taken)
    tell(taken.error());
}

void SimulatedDevice::on_downlink(const protocol::TopicMatch& topic, const protocol::Frame& frame) {
  constexpr int auth_reply = 1;
  constexpr int key_update = 3;
  if (topic.name != TopicName::downlink || frame.header_ctrl > key_update)
    return on_command(topic, frame);
  if (frame.header_ctrl == auth_reply)
    return tell({"AUTH-5", "an auth reply came to a device that asked nothing", ""});
  ++around_.tally.key_updates;
  if (!login_.account().encrypted)
    return tell({"KEY-1", "Command 3 came to a device of a plain product", ""});
  if (const auto taken = login_.take_session_key(frame.payload); !taken) tell(taken.error());
}

void SimulatedDevice::on_command(const protocol::TopicMatch& topic, const protocol::Frame& frame) {
  const auto command = read_command(topic, frame, login_.session_key(), around_.aes);
  if (!command) {
    ++around_.tally.commands;
    return tell(command.error());
  }
  if (answer_again(*command)) return;
  ++around_.tally.commands;
  const Rule& rule = rule_for(*command);
  if (command->kind == Rule::Kind::ota) return begin_upgrade(*command, rule);
  std::vector<Outgoing> messages = react(*command, rule, memory_, filling(1));
  if (!messages.empty()) {
    answered_.push_back({command->message_id, command->topic, messages});
    if (answered_.size() > most_answered) answered_.pop_front();
  }
  ++around_.tally.answered;
  answer(messages, rule);
}

/// A command that comes again, for want of an answer or of a PUBACK, gets the answer it had.
bool SimulatedDevice::answer_again(const PlatformCommand& command) {
  const auto found =
      std::find_if(answered_.begin(), answered_.end(), [&command](const Answered& each) {
        return each.message_id == command.message_id && each.topic == command.topic;
      });
  if (found == answered_.end()) return false;
  ++around_.tally.repeated;
  answer(found->answer, rule_without_wishes());
  return true;
}

const Rule& SimulatedDevice::rule_for(const PlatformCommand& command) {
  const auto& rules = around_.scenario.rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (rule.kind != command.kind) continue;
    if (rule.identifier != "*" && rule.identifier != command.identifier) continue;
    if (rule.times > 0 && rules_used_[i] >= rule.times) continue;
    ++rules_used_[i];
    return rule;
  }
  return rule_without_wishes();
}

void SimulatedDevice::answer(const std::vector<Outgoing>& messages, const Rule& rule) {
  const auto send_all = [this, messages, twice = rule.twice] {
    for (int round = 0; round < (twice ? 2 : 1); ++round)
      for (const Outgoing& each : messages) send(each);
  };
  if (rule.delay.count() > 0 && !messages.empty()) return later(rule.delay, send_all);
  send_all();
}

// ---- OTA-2 -----------------------------------------------------------------------------------

void SimulatedDevice::begin_upgrade(const PlatformCommand& command, const Rule& rule) {
  const auto notice = read_notice(command.payload);
  if (!notice) return tell(notice.error());
  // Told again at a later report, for it confirms nothing now.
  if (upgrade_ && upgrade_->down_id != notice->down_id) return;
  ++around_.tally.answered;
  answer(react(command, rule, memory_, filling(1)), rule);
  if (rule.upgrade == Rule::Upgrade::ignore) return;
  if (upgrade_ || finished_upgrades_.contains(notice->down_id)) return;  // it came again
  const auto present = memory_.soft_vers.find(notice->module);
  if (present != memory_.soft_vers.end() && present->second == notice->soft_ver) {
    finished_upgrades_.insert(notice->down_id);
    return report_firmware();  // nothing to download: it is that version
  }
  upgrade_ = *notice;
  DownloadRequest request{download_url(*notice), notice->soft_size, 0};
  if (rule.upgrade == Rule::Upgrade::cut)
    request.cut_after = std::max<std::int64_t>(1, notice->soft_size / 2);
  around_.downloads.begin(std::move(request),
                          [this, weak = std::weak_ptr(alive_), kind = rule.upgrade](
                              const tl::expected<Downloaded, std::string>& image) {
                            if (!weak.expired() && !stopping_) on_image(image, kind);
                          });
}

void SimulatedDevice::on_image(const tl::expected<Downloaded, std::string>& image,
                               Rule::Upgrade kind) {
  const UpgradeNotice notice = *std::exchange(upgrade_, std::nullopt);
  finished_upgrades_.insert(notice.down_id);
  const auto refuse = [this, &notice](const std::string& requirement, const std::string& why) {
    tell({requirement, "the image " + notice.soft_ver + ": " + why, ""});
  };
  bool good = false;
  if (!image)
    refuse("OTA-4", image.error());
  else if (image->size != notice.soft_size)
    refuse("OTA-1", std::to_string(image->size) + " bytes came, SoftSize is " +
                        std::to_string(notice.soft_size));
  else if (image->md5 != notice.md5)
    refuse("OTA-1", "its MD5 is not the one that was told");
  else if (kind == Rule::Upgrade::cut && !image->resumed)
    refuse("OTA-4", "the server did not send the rest after a cut, but began anew");
  else
    good = true;
  if (good) ++around_.tally.downloads;
  if (good && kind != Rule::Upgrade::fail) {
    memory_.soft_vers[notice.module] = notice.soft_ver;
    expected_ = notice;
  }
  reboot(around_.scenario.reboot);
}

}  // namespace xgate::cli
