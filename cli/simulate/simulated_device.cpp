// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/simulated_device.hpp"

#include <algorithm>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/frame.hpp"
#include "protocol/key_rotation.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;
using std::chrono::milliseconds;

}  // namespace

SimulatedDevice::SimulatedDevice(const Surroundings& around, DeviceAccount account)
    : around_(around),
      node_eui_(account.device.node_eui),
      name_(name_of(account)),
      login_(around, std::move(account),
             {.at_work = [this] { on_at_work(); },
              .lost = [this] { tasks_alarm_.cancel(); },
              .gave_up = [this] { enquiries_.forget_all(); },
              .received = [this](const mqtt::Publish& message) { on_received(message); }}),
      enquiries_(around, name_, [this](const Outgoing& message) { return login_.send(message); }),
      tasks_alarm_(around.executor),
      reboot_alarm_(around.executor),
      memory_{around.scenario.properties, around.scenario.settings, around.scenario.hard_ver,
              around.scenario.soft_vers},
      progress_(around.scenario.tasks.size()),
      rules_used_(around.scenario.rules.size()) {}

Filling SimulatedDevice::filling(std::int64_t count) const {
  return {count, node_eui_, clock::unix_ms(), around_.random};
}

bool SimulatedDevice::finished() const noexcept {
  if (login_.given_up()) return true;
  if (!login_.at_work() || !enquiries_.idle() || delayed_ > 0 || upgrade_) return false;
  for (std::size_t i = 0; i < progress_.size(); ++i) {
    const Task& task = around_.scenario.tasks[i];
    if (task.times == 0 || progress_[i].done < task.times) return false;
  }
  return true;
}

void SimulatedDevice::rest() {
  resting_ = true;
  tasks_alarm_.cancel();
  reboot_alarm_.cancel();
}

void SimulatedDevice::stop(std::function<void()> done) {
  rest();
  stopping_ = true;
  enquiries_.forget_all();
  login_.leave(std::move(done));
}

void SimulatedDevice::later(milliseconds time, std::function<void()> then) {
  auto timer = std::make_shared<boost::asio::steady_timer>(around_.executor, time);
  ++delayed_;
  timer->async_wait([this, timer, weak = std::weak_ptr(alive_),
                     then = std::move(then)](const boost::system::error_code&) {
    if (weak.expired()) return;
    --delayed_;
    if (!stopping_) then();
  });
}

// ---- what it does by itself ------------------------------------------------------------------

void SimulatedDevice::on_at_work() {
  const bool first = !started_;
  if (first) {
    started_ = true;
    const Clock::time_point now = Clock::now();
    for (std::size_t i = 0; i < progress_.size(); ++i)
      progress_[i].due = now + around_.scenario.tasks[i].after;
  }
  enquiries_.forget(TopicName::firmware_report);  // what is reported now says more
  enquiries_.send_again();                        // of the login before, and nothing of this one
  if (first && around_.scenario.ask_time) ask_time("200");
  report_firmware();
  do_what_is_due();
}

/// FW-1: at every login. What was installed shows itself here (OTA-3); what is being downloaded not
/// yet, for the older version after a new login would be the verdict.
void SimulatedDevice::report_firmware() {
  for (const auto& [module, version] : memory_.soft_vers) {
    if (upgrade_ && upgrade_->module == module) continue;
    Enquiries::Enquiry enquiry;
    enquiry.message = {TopicName::firmware_report,
                       {},
                       8,
                       protocol::new_message_id(),
                       firmware_payload(memory_, module)};
    enquiry.acked = [this, name = module](const PlatformAck&) {
      if (!expected_ || expected_->module != name) return;
      expected_.reset();
      ++around_.tally.upgraded;
    };
    enquiries_.ask(std::move(enquiry));
  }
}

void SimulatedDevice::ask_time(const std::string& expect) {
  Enquiries::Enquiry enquiry;
  enquiry.message = {TopicName::update_time, {}, 29, protocol::new_message_id(), ""};
  enquiry.expect = expect;
  enquiry.acked = [this](const PlatformAck& ack) {
    if (ack.code != protocol::code_success) return;
    if (const auto time = time_of(ack); !time) tell(time.error());
  };
  enquiries_.ask(std::move(enquiry));
}

void SimulatedDevice::do_what_is_due() {
  if (resting_) return;
  const Clock::time_point now = Clock::now();
  const auto& tasks = around_.scenario.tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Progress& progress = progress_[i];
    if (tasks[i].times > 0 && progress.done >= tasks[i].times) continue;
    if (progress.due > now) continue;
    ++progress.done;
    // What was missed while the device was away is not made up for.
    progress.due = std::max(progress.due + tasks[i].every, now);
    perform(tasks[i], progress.done);
    if (!login_.at_work()) return;
  }
  set_alarm();
}

void SimulatedDevice::set_alarm() {
  const auto& tasks = around_.scenario.tasks;
  std::optional<Clock::time_point> next;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].times > 0 && progress_[i].done >= tasks[i].times) continue;
    if (!next || progress_[i].due < *next) next = progress_[i].due;
  }
  if (next) tasks_alarm_.set_at(*next, [this] { do_what_is_due(); });
}

void SimulatedDevice::perform(const Task& task, std::int64_t count) {
  using enum Task::Kind;
  const Filling now = filling(count);
  const std::int64_t id = protocol::new_message_id();
  switch (task.kind) {
    case uplink:
      return send({TopicName::uplink, {}, 4, id, filled(task.content, now)}, task.expect);
    case property: {
      json values = filled(task.content, now);
      for (const auto& [name, pattern] : task.content.items())
        if (!memory_.properties.contains(name)) memory_.properties[name] = pattern;
      return send({TopicName::property_report, {}, 16, id, std::move(values)}, task.expect);
    }
    case event:
      return send({TopicName::event_report, task.identifier, 17, id, filled(task.content, now)},
                  task.expect);
    case history:
      return send({TopicName::history_report, {}, 27, id, history_of(task, now)}, task.expect);
    case hex: {
      const bool full = task.header_ctrl == 28;
      return send({full ? TopicName::hex_full : TopicName::hex_report,
                   {},
                   task.header_ctrl,
                   id,
                   filled_hex(task.hex, now)},
                  task.expect);
    }
    case firmware:
      return report_firmware();
    case config:
      return send(
          {TopicName::config_report, {}, 14, id, {{"Settings", filled(memory_.settings, now)}}});
    case time:
      return ask_time(task.expect);
    case relogin:
      return reboot(task.away);
  }
}

/// HIST-1: the last point is now.
json SimulatedDevice::history_of(const Task& task, const Filling& filling) const {
  json properties = json::array();
  json events = json::array();
  for (std::int64_t point = 0; point < task.points; ++point) {
    const std::int64_t time = filling.now_ms - (task.points - 1 - point) * task.step.count();
    const auto stamped = [&](const json& patterns) {
      json values = json::object();
      for (const auto& [name, value] : patterns.items())
        values[name] = {{"value", filled(value, filling)}, {"time", time}};
      return values;
    };
    if (task.content.contains("properties"))
      properties.push_back(stamped(task.content["properties"]));
    if (task.content.contains("events")) events.push_back(stamped(task.content["events"]));
  }
  json params = json::object();
  if (!properties.empty()) params["properties"] = std::move(properties);
  if (!events.empty()) params["events"] = std::move(events);
  return {{"params", json::array({std::move(params)})}};
}

void SimulatedDevice::reboot(milliseconds away) {
  tasks_alarm_.cancel();
  login_.leave([this, away] {
    if (!resting_) reboot_alarm_.set(away, [this] { login_.begin(); });
  });
}

void SimulatedDevice::send(const Outgoing& message, std::string expect) {
  if (!protocol::row_of(message.topic).ack) {
    login_.send(message);
    return;
  }
  Enquiries::Enquiry enquiry;
  enquiry.message = message;
  enquiry.expect = std::move(expect);
  enquiries_.ask(std::move(enquiry));
}

}  // namespace xgate::cli
