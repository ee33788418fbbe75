// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>

#include "cli/simulate/alarm.hpp"
#include "cli/simulate/reaction.hpp"
#include "cli/simulate/surroundings.hpp"
#include "protocol/frame.hpp"

namespace xgate::cli {

/// A device's messages that the platform must answer: sent again until it does or the tries are
/// over (§4.1, §5.1), and each answer checked against what was asked (FRAME-2, FRAME-4, HEX-3).
class Enquiries {
 public:
  struct Enquiry {
    Outgoing message;
    std::string expect = "200";                     ///< the ack's Code
    std::function<void(const PlatformAck&)> acked;  ///< with the Code that was expected
    /// In place of all checks of an ack: for what is answered in another form (AUTH-5).
    std::function<void(const nlohmann::json& payload)> answered;
    std::function<void()> unanswered;
  };
  using Send = std::function<bool(const Outgoing&)>;  ///< false: not connected now

  Enquiries(const Surroundings& around, std::string device, Send send)
      : around_(around),
        device_(std::move(device)),
        send_(std::move(send)),
        alarm_(around.executor) {}

  void ask(Enquiry enquiry);
  /// What came on `topic`, where answers to `identifier`'s messages come.
  Checked<void> take(protocol::TopicName topic, std::string_view identifier,
                     const protocol::Frame& frame);
  /// After a login: sends at once what waits.
  void send_again();
  /// What was asked on `topic` and is not answered yet: something newer takes its place.
  void forget(protocol::TopicName topic);
  void forget_all();
  /// The end has come: tells each that still waits as unanswered.
  void give_up_all();
  bool idle() const noexcept { return waiting_.empty(); }

 private:
  struct Waiting {
    Enquiry enquiry;
    int sent = 0;
    std::chrono::steady_clock::time_point sent_at;
    std::chrono::steady_clock::time_point due;
  };
  void send(Waiting& waiting);
  void on_due();
  void tell_unanswered(const Waiting& waiting, const std::string& how_long);
  void set_alarm();
  bool fits(const Waiting& waiting, protocol::TopicName topic, std::string_view identifier,
            const protocol::Frame& frame) const;
  Checked<void> judge(const Enquiry& enquiry, const nlohmann::json& payload);
  void remember(const protocol::MessageId& message_id);

  const Surroundings& around_;
  std::string device_;
  Send send_;
  Alarm alarm_;
  std::list<Waiting> waiting_;
  std::deque<protocol::MessageId> settled_;  ///< MessageIds: a resent message may be answered twice
};

}  // namespace xgate::cli
