// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/device_login.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/auth.hpp"
#include "protocol/json.hpp"
#include "protocol/key_rotation.hpp"
#include "protocol/payload.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;
using std::chrono::milliseconds;

constexpr milliseconds pause{1000};
/// Between tries to get back to a broker that is away, and how long that is tried.
constexpr milliseconds longest_pause{15000};
constexpr std::chrono::minutes longest_away{10};

/// The broker was not reached, or says itself that it cannot now; nothing about who asked.
bool is_passing(int code) noexcept {
  constexpr int unavailable = 3;  // MQTT 3.1.1
  constexpr int unavailable_5 = 0x88;
  constexpr int busy_5 = 0x89;
  return code == 0 || code == unavailable || code == unavailable_5 || code == busy_5;
}

/// TOPIC-1…14: everything in its subscribe column, events and services by `+`.
std::vector<std::string> filters_of(const protocol::Identity& device) {
  std::vector<std::string> filters;
  for (const protocol::TopicRow& row : protocol::topic_table())
    if (row.verb == protocol::DeviceVerb::subscribe)
      filters.push_back(protocol::build_topic(row.name, protocol::view(device), "+"));
  return filters;
}

}  // namespace

DeviceLogin::DeviceLogin(const Surroundings& around, DeviceAccount account, Handlers handlers)
    : around_(around),
      account_(std::move(account)),
      name_(name_of(account_)),
      handlers_(std::move(handlers)),
      link_(around, name_,
            {.ready = [this] { on_ready(); },
             .failed = [this](const std::string& reason, int code) { on_failed(reason, code); },
             .received = [this](const mqtt::Publish& message) { on_received(message); }}),
      auth_(around, name_, [this](const Outgoing& message) { return publish(message); }),
      alarm_(around.executor) {}

void DeviceLogin::begin() {
  if (account_.encrypted || account_.device_secret.empty()) return authenticate();
  log_in();
}

// ---- AUTH- -----------------------------------------------------------------------------------

void DeviceLogin::authenticate() {
  state_ = State::authenticating;
  link_.open(protocol::auth_login_parameters(view(account_.device), account_.product_key),
             {protocol::build_topic(TopicName::downlink, view(account_.device))});
}

void DeviceLogin::ask_secret() {
  Enquiries::Enquiry enquiry;
  enquiry.message = {
      TopicName::auth, {}, 1, protocol::new_message_id(), json(auth_request(account_))};
  enquiry.answered = [this](const json& payload) { on_auth_reply(payload); };
  enquiry.unanswered = [this] {
    link_.close([this] {
      not_now({"AUTH-5", "the auth request was not answered", ""}, been_in_ || away_);
    });
  };
  auth_.ask(std::move(enquiry));
}

void DeviceLogin::on_auth_reply(const json& payload) {
  const auto refuse = [this](const Fault& why) { link_.close([this, why] { give_up(why); }); };
  const Checked<std::int64_t> code = auth_code(payload);
  if (!code) return refuse(code.error());
  if (*code == 1)
    return link_.close([this] {
      not_now({"AUTH-6", "the platform is busy (Code 1)", ""}, been_in_ || away_);
    });
  if (*code != 0)
    return refuse(
        {"AUTH-6", "the platform answered Code " + std::to_string(*code), auth_advice(*code)});
  const Checked<std::string> secret = auth_secret(payload);
  if (!secret) return refuse(secret.error());
  if (!secret->empty()) account_.device_secret = *secret;
  if (account_.device_secret.empty())
    return refuse({"AUTH-5", "the reply has no DeviceSecret, and none is known", ""});
  if (account_.encrypted)
    if (const Checked<void> taken = take_session_key(payload); !taken) return refuse(taken.error());
  link_.close([this] { log_in(); });
}

Checked<void> DeviceLogin::take_session_key(const json& payload) {
  const auto key = session_key_of(payload, account_, around_.aes);
  if (!key) return tl::unexpected(key.error());
  session_key_ = *key;
  return {};
}

// ---- V2_ -------------------------------------------------------------------------------------

void DeviceLogin::log_in() {
  state_ = State::logging_in;
  const std::int64_t now = clock::unix_ms();
  // V2-3: later than the last login and than the second in which the last session ended.
  if (account_.login_type == 1 && now / 1000 <= last_timestamp_)
    return alarm_.set(milliseconds((last_timestamp_ + 1) * 1000 - now + 1), [this] { log_in(); });
  last_timestamp_ = now / 1000;
  const auto secret = protocol::aes_key_from_hex(account_.device_secret);
  link_.open(protocol::v2_login_parameters(view(account_.device), account_.product_key,
                                           secret.value_or(protocol::AesKey{}), account_.login_type,
                                           last_timestamp_, around_.aes),
             filters_of(account_.device));
}

void DeviceLogin::on_ready() {
  if (state_ == State::authenticating) return ask_secret();
  state_ = State::at_work;
  failures_ = 0;
  been_in_ = true;
  set_away(false);
  ++around_.tally.logins;
  ++around_.tally.connected;
  handlers_.at_work();
}

void DeviceLogin::on_failed(const std::string& reason, int code) {
  auth_.forget_all();
  last_failure_ = reason;
  if (state_ == State::at_work) {
    --around_.tally.connected;
    ++around_.tally.lost;
    last_timestamp_ = std::max(last_timestamp_, clock::unix_ms() / 1000);
    set_away(true);
    state_ = State::away;
    handlers_.lost();
    return come_back(reason);
  }
  const Fault why{
      code == 0                         ? ""
      : state_ == State::authenticating ? "AUTH-1"
                                        : "V2-6",
      reason, code == 0 ? unreached_advice(reason) : "`xgate refusals " + name_ + "` tells why."};
  // Where this device or another was let in before, the broker is there, only not now.
  is_passing(code) ? not_now(why, around_.tally.logins > 0) : try_again(why);
}

/// A session of this device may have ended within this very second (V2-3), the platform or the
/// broker may be starting: only what goes on is told.
void DeviceLogin::try_again(const Fault& why) {
  state_ = State::away;
  if (++failures_ >= around_.tries) return give_up(why);
  alarm_.set(pause * failures_, [this] { begin(); });
}

/// Nobody answers, or not now. Where somebody did before, that ends nothing: also for a device that
/// was away on purpose meanwhile, or that comes for the first time.
void DeviceLogin::not_now(const Fault& why, bool known_to_be_there) {
  last_failure_ = why.reason;
  if (!known_to_be_there) return try_again(why);
  set_away(true);
  come_back(why.reason);
}

/// After a pause that grows, and that differs from device to device: they all lost it at once.
void DeviceLogin::come_back(const std::string& reason) {
  state_ = State::away;
  around_.tally.away_reason = reason;
  if (std::chrono::steady_clock::now() - away_since_ >= longest_away) {
    return give_up({"", "the broker was away for 10 minutes: " + reason, ""});
  }
  const milliseconds most = std::min(pause * (1 << std::min(retries_++, 8)), longest_pause);
  const milliseconds wait(
      std::uniform_int_distribution<std::int64_t>(most.count() / 2, most.count())(around_.random));
  alarm_.set(wait, [this] { begin(); });
}

void DeviceLogin::set_away(bool away) {
  if (away_ == away) return;
  away_ = away;
  around_.tally.away += away ? 1 : -1;
  retries_ = 0;
  away_since_ = std::chrono::steady_clock::now();
}

void DeviceLogin::give_up(const Fault& why) {
  set_away(false);
  state_ = State::given_up;
  ++around_.tally.given_up;
  around_.tell(name_, why);
  handlers_.gave_up();
}

void DeviceLogin::judge_end() const {
  if (at_work() || state_ == State::given_up) return;  // which was told
  const std::string why =
      ": " + (last_failure_.empty() ? "the broker gave no answer" : last_failure_);
  const std::string advice = "The broker's log tells whether it took the connection.";
  if (!been_in_) {
    ++around_.tally.never_in;
    return around_.tell(name_, {"", "never logged in" + why, advice});
  }
  if (state_ == State::left) return;
  ++around_.tally.away_at_end;
  around_.tell(name_, {"", "was away at the end without being told to" + why, advice});
}

void DeviceLogin::leave(std::function<void()> done) {
  alarm_.cancel();
  auth_.forget_all();
  if (state_ == State::at_work) --around_.tally.connected;
  set_away(false);
  if (state_ != State::given_up) state_ = State::left;
  link_.close([this, done = std::move(done)] {
    last_timestamp_ = std::max(last_timestamp_, clock::unix_ms() / 1000);
    done();
  });
}

// ---- messages --------------------------------------------------------------------------------

void DeviceLogin::on_received(const mqtt::Publish& message) {
  if (state_ != State::authenticating) return handlers_.received(message);
  const auto topic = protocol::parse_topic(message.topic);
  if (!topic || topic->name != TopicName::downlink || topic->device != view(account_.device))
    return around_.tell(name_, {"AUTH-2", "an AUTH- login was sent " + message.topic, ""});
  const auto frame = protocol::parse_frame(message.payload, TopicName::downlink);
  if (!frame) return around_.tell(name_, {frame.error().requirement, frame.error().reason, ""});
  if (frame->header_ctrl != 1)
    return around_.tell(
        name_,
        {"AUTH-2", "an AUTH- login was sent HeaderCtrl " + std::to_string(frame->header_ctrl), ""});
  if (const auto taken = auth_.take(TopicName::downlink, {}, *frame); !taken)
    around_.tell(name_, taken.error());
}

bool DeviceLogin::send(const Outgoing& message) { return at_work() && publish(message); }

bool DeviceLogin::publish(const Outgoing& message) {
  if (!link_.is_ready()) return false;
  json payload = message.payload;
  const bool sealed = session_key_ && account_.encrypted &&
                      protocol::payload_rule(message.topic) == protocol::PayloadRule::encrypted;
  if (sealed)
    payload =
        message.topic == TopicName::hex_report
            ? protocol::seal_hex_payload(payload.get<std::string>(), *session_key_, around_.aes)
            : protocol::seal_payload(payload, *session_key_, around_.aes);
  const std::string topic =
      message.topic == TopicName::auth
          ? std::string(protocol::auth_topic)
          : protocol::build_topic(message.topic, view(account_.device), message.identifier);
  link_.publish(topic,
                message.topic == TopicName::hex_full
                    ? protocol::compact(payload)
                    : protocol::build_frame(message.message_id, message.header_ctrl, payload));
  return true;
}

}  // namespace xgate::cli
