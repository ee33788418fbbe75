// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/simulate/alarm.hpp"
#include "cli/simulate/device_link.hpp"
#include "cli/simulate/enquiries.hpp"
#include "cli/simulate/surroundings.hpp"

namespace xgate::cli {

/// How a simulated device gets in, and in again: AUTH- where it needs its secret or a session key
/// (AUTH-3, AUTH-11), then V2_. Seals what it sends (ENC-3).
class DeviceLogin {
 public:
  struct Handlers {
    std::function<void()> at_work;  ///< logged in with V2_ and subscribed
    /// The V2_ session broke; it logs in again by itself, however often the broker is not there.
    std::function<void()> lost;
    std::function<void()> gave_up;  ///< the platform would not let it in, which was told
    std::function<void(const mqtt::Publish&)> received;  ///< in a V2_ session
  };

  DeviceLogin(const Surroundings& around, DeviceAccount account, Handlers handlers);

  void begin();
  /// Disconnects in order; begin() may follow.
  void leave(std::function<void()> done);
  bool at_work() const noexcept { return state_ == State::at_work; }
  bool given_up() const noexcept { return state_ == State::given_up; }
  /// Neither on its way in nor trying to get back.
  bool settled() const noexcept {
    return at_work() || state_ == State::left || state_ == State::given_up;
  }
  /// At the end: tells a device that is not where the scenario wants it.
  void judge_end() const;

  /// False: not in a session.
  bool send(const Outgoing& message);
  /// KEY-1: a new session key, used from the next message on (KEY-2).
  Checked<void> take_session_key(const nlohmann::json& payload);
  const std::optional<protocol::AesKey>& session_key() const noexcept { return session_key_; }
  const DeviceAccount& account() const noexcept { return account_; }

 private:
  enum class State : std::uint8_t {
    away,  ///< without having been told to: tries to get back
    authenticating,
    logging_in,
    at_work,
    left,  ///< told to, and not told to come back yet
    given_up,
  };

  void authenticate();
  void ask_secret();
  void on_auth_reply(const nlohmann::json& payload);
  void log_in();
  void on_ready();
  void on_failed(const std::string& reason, int code);
  void on_received(const mqtt::Publish& message);
  void try_again(const Fault& why);
  void not_now(const Fault& why, bool known_to_be_there);
  void come_back(const std::string& reason);
  void set_away(bool away);
  void give_up(const Fault& why);
  bool publish(const Outgoing& message);

  const Surroundings& around_;
  DeviceAccount account_;
  std::string name_;
  Handlers handlers_;
  DeviceLink link_;
  Enquiries auth_;
  Alarm alarm_;
  State state_ = State::away;
  int failures_ = 0;          ///< in a row
  bool been_in_ = false;      ///< once at least
  bool away_ = false;         ///< found nobody there, and is in no session since
  int retries_ = 0;           ///< since then
  std::string last_failure_;  ///< why it is not in, in half a sentence
  std::chrono::steady_clock::time_point away_since_;
  std::int64_t last_timestamp_ = 0;
  std::optional<protocol::AesKey> session_key_;
};

}  // namespace xgate::cli
