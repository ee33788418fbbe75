// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/enquiries.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/json.hpp"
#include "protocol/topic.hpp"

namespace xgate::cli {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;
using protocol::TopicName;

constexpr std::size_t most_remembered = 64;

std::string topic_words(const Outgoing& message) {
  std::string words(protocol::row_of(message.topic).suffix);
  if (const std::size_t at = words.find("{}"); at != std::string::npos)
    words.replace(at, 2, message.identifier);
  return words.empty() ? std::string(protocol::auth_topic) : words;
}

}  // namespace

void Enquiries::ask(Enquiry enquiry) {
  ++around_.tally.sent;
  waiting_.push_back({std::move(enquiry), 0, {}, {}});
  send(waiting_.back());
  set_alarm();
}

void Enquiries::send(Waiting& waiting) {
  waiting.sent_at = Clock::now();
  waiting.due = waiting.sent_at + around_.answer_timeout;
  if (!send_(waiting.enquiry.message)) return;
  ++waiting.sent;
  if (waiting.sent > 1) ++around_.tally.resent;
}

void Enquiries::send_again() {
  for (Waiting& each : waiting_) {
    each.sent = 0;
    send(each);
  }
  set_alarm();
}

void Enquiries::forget(TopicName topic) {
  for (const Waiting& each : waiting_)
    if (each.enquiry.message.topic == topic) remember(each.enquiry.message.message_id);
  const auto before = waiting_.size();
  waiting_.remove_if([topic](const Waiting& each) { return each.enquiry.message.topic == topic; });
  around_.tally.sent -= static_cast<std::int64_t>(before - waiting_.size());
  set_alarm();
}

void Enquiries::forget_all() {
  waiting_.clear();
  alarm_.cancel();
}

void Enquiries::set_alarm() {
  if (waiting_.empty()) return alarm_.cancel();
  const auto first =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [](const Waiting& a, const Waiting& b) { return a.due < b.due; });
  alarm_.set_at(first->due, [this] { on_due(); });
}

void Enquiries::on_due() {
  const Clock::time_point now = Clock::now();
  std::list<Waiting> over;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto next = std::next(each);
    if (each->due <= now) {
      if (each->sent >= around_.tries)
        over.splice(over.end(), waiting_, each);
      else
        send(*each);
    }
    each = next;
  }
  set_alarm();
  for (const Waiting& each : over) {
    tell_unanswered(each, " after " + std::to_string(each.sent) + " tries of " +
                              std::to_string(around_.answer_timeout.count()) + " ms");
    if (each.enquiry.unanswered) each.enquiry.unanswered();
  }
}

void Enquiries::tell_unanswered(const Waiting& waiting, const std::string& how_long) {
  ++around_.tally.unanswered;
  const Outgoing& message = waiting.enquiry.message;
  remember(message.message_id);
  around_.tell(device_, {"", "no answer to " + topic_words(message) + how_long,
                         "`xgate refusals` tells whether the broker refused the message."});
}

void Enquiries::give_up_all() {
  for (const Waiting& each : waiting_) tell_unanswered(each, " until the end");
  forget_all();
}

bool Enquiries::fits(const Waiting& waiting, TopicName topic, std::string_view identifier,
                     const protocol::Frame& frame) const {
  const Outgoing& message = waiting.enquiry.message;
  if (protocol::row_of(message.topic).ack != topic || message.identifier != identifier)
    return false;
  // Bare hex carries no MessageId: the ack's is the platform's own, and they come in order.
  return message.topic == TopicName::hex_full || message.message_id == frame.message_id;
}

Checked<void> Enquiries::take(TopicName topic, std::string_view identifier,
                              const protocol::Frame& frame) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& each) {
    return fits(each, topic, identifier, frame);
  });
  if (found == waiting_.end()) {
    const bool again =
        std::find(settled_.begin(), settled_.end(), frame.message_id) != settled_.end();
    if (again) return {};
    return fault("FRAME-2",
                 "an ack came with MessageId " + frame.message_id.text() +
                     ", which no message of this device had",
                 "An ack carries the MessageId of its message, with the same type.");
  }
  const Waiting waiting = std::move(*found);
  waiting_.erase(found);
  set_alarm();
  remember(waiting.enquiry.message.message_id);
  const Outgoing& message = waiting.enquiry.message;
  if (frame.header_ctrl != message.header_ctrl)
    return fault("FRAME-4", "the ack has HeaderCtrl " + std::to_string(frame.header_ctrl) +
                                ", the message had " + std::to_string(message.header_ctrl));
  if (message.topic == TopicName::hex_full && !is_platform_id(frame.message_id))
    return fault("HEX-3", "the ack's MessageId is no integer in 1..2^31-1");
  around_.tally.latencies.add(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - waiting.sent_at));
  return judge(waiting.enquiry, frame.payload);
}

Checked<void> Enquiries::judge(const Enquiry& enquiry, const json& payload) {
  if (enquiry.answered) {
    ++around_.tally.acked;
    enquiry.answered(payload);
    return {};
  }
  const Checked<PlatformAck> ack = ack_of(payload);
  if (!ack) return tl::unexpected(ack.error());
  if (ack->code != enquiry.expect) {
    ++around_.tally.refused;
    around_.tell(device_, {"",
                           topic_words(enquiry.message) + " was answered Code " + ack->code +
                               " where " + enquiry.expect + " was expected: " + ack->msg,
                           "`xgate messages " + device_ + "` names the requirement."});
    return {};
  }
  ++around_.tally.acked;
  if (enquiry.acked) enquiry.acked(*ack);
  return {};
}

void Enquiries::remember(const protocol::MessageId& message_id) {
  settled_.push_back(message_id);
  if (settled_.size() > most_remembered) settled_.pop_front();
}

}  // namespace xgate::cli
