// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/journey.hpp"

#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/failure.hpp"
#include "cli/simulate/journey_report.hpp"
#include "cli/simulate/replies.hpp"
#include "cli/simulate/session.hpp"
#include "clock/unix_ms.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/key_rotation.hpp"
#include "protocol/login.hpp"
#include "protocol/payload.hpp"
#include "protocol/topic.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using protocol::TopicName;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* masked = "********";

std::string text_of(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

tl::unexpected<Fault> fail(std::string reason, std::string advice) {
  return fault({}, std::move(reason), std::move(advice));
}

/// The whole way of one device. Each step prints itself; the first that fails ends it.
class Journey {
 public:
  Journey(const JourneyOptions& options, const Output& out)
      : options_(options), report_(out, options.json, options.color, options.language) {}

  int run() {
    if (const Checked<void> usable = check_options(); !usable) {
      const auto& [requirement, reason, advice] = usable.error();
      report_.finish(false, advice.empty() ? reason : reason + " " + advice);
      return status_misused;
    }
    const bool good = authenticate() && operate();
    if (session_) session_->disconnect();
    const std::string device = name_of(options_);
    report_.finish(good, good ? "Done: " + device + " went the whole way."
                              : "Stopped: the step above failed for " + device + ".");
    return good ? status_done : status_failed;
  }

 private:
  Checked<void> check_options();

  // The steps, in order
  bool authenticate() {
    if (!options_.encrypted && !device_secret_.empty()) {
      report_.skipped("AUTH- login", "AUTH-3",
                      "the DeviceSecret was given, and a plain product needs no session key");
      return true;
    }
    return login(protocol::auth_login_parameters(view(options_.device), options_.product_key),
                 "auth_login", "Log in for authentication", "AUTH-1") &&
           listen({TopicName::downlink}, "auth_subscribe", "AUTH-2, TOPIC-1") && ask_secret() &&
           leave();
  }
  bool operate() {
    return login_for_operation() &&
           listen({TopicName::downlink, TopicName::uplink_ack, TopicName::update_time_ack,
                   TopicName::firmware_report_ack},
                  "subscribe", "TOPIC-1, TOPIC-3, TOPIC-5, TOPIC-9") &&
           synchronize_time() && report_firmware() && send_uplinks() && linger();
  }

  bool login(const protocol::LoginParameters& parameters, const char* name, const char* title,
             const char* requirements);
  bool login_for_operation();
  tl::expected<void, JourneySession::Refusal> connect(const protocol::LoginParameters& parameters);
  bool settle_login(const tl::expected<void, JourneySession::Refusal>& connected);
  bool listen(const std::vector<TopicName>& topics, const char* name, const char* requirements);
  bool ask_secret();
  bool leave();
  bool synchronize_time();
  bool report_firmware();
  bool send_uplinks();
  bool send_uplink(int number);
  bool linger();

  /// Ends the step that is printed now.
  bool settle(const Checked<void>& result) {
    if (result) {
      report_.done();
    } else {
      report_.failed(result.error().reason, result.error().advice);
    }
    return result.has_value();
  }

  protocol::LoginParameters v2_parameters();
  Checked<void> take_auth_reply(const json& payload);
  Checked<void> take_session_key(const json& payload);
  Checked<void> take_time(const PlatformAck& ack);
  Checked<std::string> uplink_frame(std::int64_t message_id, int number);

  struct Request {
    TopicName topic;
    TopicName answer;
    int header_ctrl;
    std::int64_t message_id;
    std::string frame;
  };
  Checked<json> ask(const Request& request);
  Checked<std::optional<json>> await(const Request& request, milliseconds time);
  Checked<PlatformAck> ask_acked(const Request& request);
  Checked<void> take_downlink(const mqtt::Publish& message);
  Checked<void> serve(milliseconds time);
  std::string topic(TopicName name) const {
    return protocol::build_topic(name, view(options_.device));
  }
  void publish(const std::string& to, const std::string& frame) {
    report_.sent(to + "  " + frame);
    session_->publish(to, frame);
  }

  const JourneyOptions& options_;
  JourneyReport report_;
  protocol::Aes aes_;
  std::string device_secret_;
  std::optional<protocol::AesKey> session_key_;
  std::optional<JourneySession> session_;
};

Checked<void> Journey::check_options() {
  if (Checked<void> usable = check_account(options_); !usable) return usable;
  device_secret_ = options_.device_secret;
  if (!options_.payload.empty())
    if (const auto payload = protocol::parse_json(options_.payload); !payload)
      return fail("The payload is not JSON: " + payload.error() + ".", {});
  return {};
}

// ---- logging in ------------------------------------------------------------------------------

bool Journey::login(const protocol::LoginParameters& parameters, const char* name,
                    const char* title, const char* requirements) {
  report_.begin(name, title, requirements);
  return settle_login(connect(parameters));
}

/// A session of this device may have ended within this very second, and V2-3 wants a type-1
/// timestamp that is later: so it is the next second's. The broker may have noted that end late:
/// a refused one is tried once more.
bool Journey::login_for_operation() {
  report_.begin("v2_login", "Log in for operation", "V2-1, V2-2, V2-5");
  const auto wait_for_next_second = [] {
    std::this_thread::sleep_for(milliseconds(1000 - clock::unix_ms() % 1000));
  };
  if (options_.login_type == 1) wait_for_next_second();
  auto connected = connect(v2_parameters());
  if (!connected && connected.error().code != 0 && options_.login_type == 1) {
    report_.note("once more with the next second's timestamp (V2-3)");
    wait_for_next_second();
    connected = connect(v2_parameters());
  }
  return settle_login(connected);
}

tl::expected<void, JourneySession::Refusal> Journey::connect(
    const protocol::LoginParameters& parameters) {
  report_.sent_login("CONNECT  client id " + parameters.client_id + "  username " +
                     parameters.username + "  password " + masked);
  session_.emplace(options_, parameters);
  auto connected = session_->connect();
  if (connected) {
    report_.received("CONNACK  accepted");
  } else if (connected.error().code != 0) {
    report_.received("CONNACK  refused, code " + std::to_string(connected.error().code));
  }
  return connected;
}

bool Journey::settle_login(const tl::expected<void, JourneySession::Refusal>& connected) {
  if (connected) return settle({});
  const auto& [reason, code] = connected.error();
  if (code == 0) return settle(fail(reason, unreached_advice(reason)));
  return settle(fail(reason, "The answer never tells what was wrong (V2-6); `xgate refusals " +
                                 name_of(options_) + "` does."));
}

bool Journey::listen(const std::vector<TopicName>& topics, const char* name,
                     const char* requirements) {
  report_.begin(name, "Subscribe", requirements);
  std::vector<std::string> filters;
  filters.reserve(topics.size());
  for (const TopicName each : topics) filters.push_back(topic(each));
  for (const std::string& filter : filters) report_.sent("SUBSCRIBE  " + filter);
  const auto codes = session_->subscribe(filters);
  if (!codes) return settle(fail(codes.error().reason, "Look at the broker's log."));
  for (std::size_t i = 0; i < filters.size() && i < codes->size(); ++i) {
    if ((*codes)[i] < 0x80) continue;
    report_.received("SUBACK  refused " + filters[i]);
    return settle(fail("the broker refused the subscription to " + filters[i],
                       "`xgate refusals` tells why."));
  }
  report_.received("SUBACK  granted");
  return settle({});
}

bool Journey::leave() {
  report_.begin("auth_leave", "Disconnect, to come back as V2_", "AUTH-10");
  report_.sent("DISCONNECT");
  session_->disconnect();
  session_.reset();
  return settle({});
}

protocol::LoginParameters Journey::v2_parameters() {
  const auto secret = protocol::aes_key_from_hex(device_secret_);
  return protocol::v2_login_parameters(view(options_.device), options_.product_key,
                                       secret.value_or(protocol::AesKey{}), options_.login_type,
                                       clock::unix_ms() / 1000, aes_);
}

// ---- asking and being answered ---------------------------------------------------------------

/// Sends the request again, unchanged, until it is answered or the tries are over (§4.1, §5.1).
Checked<json> Journey::ask(const Request& request) {
  for (int attempt = 1; attempt <= options_.tries; ++attempt) {
    if (attempt > 1) report_.note("no answer: sent again, try " + std::to_string(attempt));
    publish(
        request.topic == TopicName::auth ? std::string(protocol::auth_topic) : topic(request.topic),
        request.frame);
    auto answer = await(request, options_.answer_timeout);
    if (!answer) return tl::unexpected(answer.error());
    if (*answer) return std::move(**answer);
  }
  return fail("no answer on " + topic(request.answer) + " to " + std::to_string(options_.tries) +
                  " tries of " + std::to_string(options_.answer_timeout.count()) + " ms",
              "Is `xgate serve` running and connected to this broker (/readyz)? `xgate refusals` "
              "tells whether the broker refused the message.");
}

/// Handles what arrives until the answer does: its Payload, or nothing after `time`.
Checked<std::optional<json>> Journey::await(const Request& request, milliseconds time) {
  const Clock::time_point end = Clock::now() + time;
  const std::string wanted = topic(request.answer);
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    const auto message = session_->receive(std::max(left, milliseconds(0)));
    if (!message && session_->failure())
      return fail(session_->failure()->reason, "`xgate refusals` and the broker's log tell why.");
    if (!message) return std::nullopt;
    report_.received(message->topic + "  " + shown(message->payload));
    auto frame = protocol::parse_frame(message->payload, request.answer);
    if (message->topic == wanted && frame && frame->header_ctrl == request.header_ctrl) {
      if (frame->message_id == request.message_id) return std::move(frame->payload);
      report_.note("not the answer: another MessageId");
      continue;
    }
    if (const Checked<void> taken = take_downlink(*message); !taken)
      return tl::unexpected(taken.error());
  }
}

/// An answer of FRAME-4's form, with Code "200".
Checked<PlatformAck> Journey::ask_acked(const Request& request) {
  const Checked<json> payload = ask(request);
  if (!payload) return tl::unexpected(payload.error());
  const Checked<PlatformAck> ack = ack_of(*payload);
  if (!ack) return tl::unexpected(ack.error());
  if (ack->code == protocol::code_success) return *ack;
  return fail("the platform answered Code \"" + ack->code + "\": " + ack->msg,
              "`xgate messages " + name_of(options_) +
                  "` shows the message as it was received, and the requirement.");
}

// ---- the device's secret ---------------------------------------------------------------------

bool Journey::ask_secret() {
  report_.begin("auth", "Ask for the DeviceSecret", "AUTH-4, AUTH-5, AUTH-6");
  for (int attempt = 1;; ++attempt) {
    const std::int64_t id = protocol::new_message_id();
    const auto answer =
        ask({TopicName::auth, TopicName::downlink, 1, id,
             protocol::build_frame_of_text(id, 1, text_of(auth_request(options_)))});
    if (!answer) return settle(tl::unexpected(answer.error()));
    const Checked<std::int64_t> code = auth_code(*answer);
    if (!code) return settle(tl::unexpected(code.error()));
    if (*code == 0) return settle(take_auth_reply(*answer));
    if (*code != 1 || attempt >= options_.tries)
      return settle(
          fail("the platform answered Code " + std::to_string(*code), auth_advice(*code)));
    report_.note("the platform is busy: asked again (AUTH-6)");
    if (const Checked<void> served = serve(options_.interval); !served) return settle(served);
  }
}

Checked<void> Journey::take_auth_reply(const json& payload) {
  const Checked<std::string> secret = auth_secret(payload);
  if (!secret) return tl::unexpected(secret.error());
  if (!secret->empty()) {
    if (!device_secret_.empty() && device_secret_ != *secret)
      report_.note("the platform's DeviceSecret is another than the given one: used from now on");
    device_secret_ = *secret;
  }
  if (device_secret_.empty())
    return fail("the reply has no DeviceSecret, and none was given",
                "Give it, or let the product reveal it (`xgate product set`, AUTH-8).");
  return options_.encrypted ? take_session_key(payload) : Checked<void>{};
}

Checked<void> Journey::take_session_key(const json& payload) {
  DeviceAccount account = static_cast<const DeviceAccount&>(options_);
  account.device_secret = device_secret_;
  const Checked<protocol::AesKey> key = session_key_of(payload, account, aes_);
  if (!key) return tl::unexpected(key.error());
  session_key_ = *key;
  report_.note("session key derived (ENC-2, " + std::string(to_string(options_.key_reading)) + ")");
  return {};
}

// ---- time and firmware -----------------------------------------------------------------------

bool Journey::synchronize_time() {
  report_.begin("time", "Ask for the time", "TIME-1, FRAME-4");
  const std::int64_t id = protocol::new_message_id();
  const auto ack = ask_acked({TopicName::update_time, TopicName::update_time_ack, 29, id,
                              protocol::build_frame(id, 29, "")});
  if (!ack) return settle(tl::unexpected(ack.error()));
  return settle(take_time(*ack));
}

Checked<void> Journey::take_time(const PlatformAck& ack) {
  const Checked<std::int64_t> time = time_of(ack);
  if (!time) return tl::unexpected(time.error());
  report_.note("the platform's clock differs by " + std::to_string(*time - clock::unix_ms()) +
               " ms from this one's");
  return {};
}

bool Journey::report_firmware() {
  report_.begin("firmware", "Report the firmware", "FW-1, FRAME-4");
  const std::int64_t id = protocol::new_message_id();
  const ordered_json payload{
      {"HardVer", options_.hard_ver}, {"SoftVer", options_.soft_ver}, {"Type", 2}};
  const auto answer = ask_acked({TopicName::firmware_report, TopicName::firmware_report_ack, 8, id,
                                 protocol::build_frame_of_text(id, 8, text_of(payload))});
  if (!answer) return settle(tl::unexpected(answer.error()));
  return settle({});
}

// ---- uplinks, and what the platform sends meanwhile ------------------------------------------

bool Journey::send_uplinks() {
  for (int number = 1; number <= options_.uplinks; ++number)
    if (!send_uplink(number)) return false;
  return true;
}

bool Journey::send_uplink(int number) {
  report_.begin("uplink",
                "Uplink " + std::to_string(number) + " of " + std::to_string(options_.uplinks),
                options_.encrypted ? "UP-1, ENC-1, FRAME-6" : "UP-1, FRAME-6");
  if (number > 1)
    if (const Checked<void> served = serve(options_.interval); !served) return settle(served);
  const std::int64_t id = protocol::new_message_id();
  const auto frame = uplink_frame(id, number);
  if (!frame) return settle(tl::unexpected(frame.error()));
  const auto answer = ask_acked({TopicName::uplink, TopicName::uplink_ack, 4, id, *frame});
  if (!answer) return settle(tl::unexpected(answer.error()));
  return settle({});
}

Checked<std::string> Journey::uplink_frame(std::int64_t message_id, int number) {
  const std::string payload =
      options_.payload.empty()
          ? text_of({{"count", number}, {"temperature", 20.0 + number % 10 * 0.5}})
          : options_.payload;
  if (!session_key_) return protocol::build_frame_of_text(message_id, 4, payload);
  report_.note("the Payload before encryption: " + payload);
  const auto value = protocol::parse_json(payload);
  if (!value) return fail("the payload is not JSON: " + value.error(), {});
  return protocol::build_frame(message_id, 4, protocol::seal_payload(*value, *session_key_, aes_));
}

/// Commands 3 and 7 on T/downlink; anything else is only shown.
Checked<void> Journey::take_downlink(const mqtt::Publish& message) {
  if (message.topic != topic(TopicName::downlink)) return {};
  const auto frame = protocol::parse_frame(message.payload, TopicName::downlink);
  if (!frame)
    return fail("the platform's message is no frame: " + frame.error().reason,
                "This is a fault of the platform (" + frame.error().requirement + ").");
  if (frame->header_ctrl == 3) {
    report_.note("a new session key: used from the next message on (KEY-2)");
    return frame->payload.is_object()
               ? take_session_key(frame->payload)
               : fail("Command 3 without SessionID and Nonce", "KEY-1 wants both.");
  }
  if (frame->header_ctrl != 7) return {};
  if (session_key_ && frame->payload.is_string())
    if (const auto plain = aes_.decrypt_hex(*session_key_, frame->payload.get<std::string>()))
      report_.note("the Payload decrypted: " + *plain);
  publish(topic(TopicName::downlink_ack), protocol::build_ack(frame->message_id, 7));
  return {};
}

Checked<void> Journey::serve(milliseconds time) {
  const Clock::time_point end = Clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    const auto message = session_->receive(std::max(left, milliseconds(0)));
    if (!message && session_->failure())
      return fail(session_->failure()->reason, "The broker's log tells why.");
    if (!message) return {};
    report_.received(message->topic + "  " + shown(message->payload));
    if (Checked<void> taken = take_downlink(*message); !taken) return taken;
  }
}

bool Journey::linger() {
  if (options_.linger.count() <= 0) return true;
  report_.begin("linger", "Stay connected", "KEY-1, DOWN-1");
  return settle(serve(options_.linger));
}

}  // namespace

int run_journey(const JourneyOptions& options, const Output& out) {
  return Journey(options, out).run();
}

}  // namespace xgate::cli
