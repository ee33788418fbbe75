// SPDX-License-Identifier: Apache-2.0
#include "protocol/ota.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/explain_json.hpp"

namespace xgate::protocol {
namespace {

using S = UpgradeState;
using E = UpgradeEvent;
using A = UpgradeAction;
using Cell = std::optional<UpgradeStep>;

constexpr std::array<std::string_view, upgrade_states> upgrade_state_names{
    "pending",   "notified", "confirmed", "downloading",
    "succeeded", "failed",   "timed_out", "cancelled"};

constexpr Cell none{};
constexpr Cell go(S state, A action = A::none) { return UpgradeStep{state, action}; }

// A download that began although no confirmation came: the device is at work, yet what it reports
// cannot be judged until the confirmation says in which session it began.
constexpr std::size_t unconfirmed_download = upgrade_states;

// clang-format off
constexpr std::array<std::array<Cell, upgrade_events>, upgrade_states + 1> upgrade_table{{
  //                reported_target    reported_other              reported_other_later                  confirmed           download_started    time_limit         cancel             retry
  /* pending     */ {go(S::succeeded), go(S::notified, A::notify), go(S::notified, A::notify),           none,               none,               go(S::timed_out),  go(S::cancelled),  none},
  /* notified    */ {go(S::succeeded), none,                       go(S::notified, A::notify_again),     go(S::confirmed),   go(S::downloading), go(S::timed_out),  go(S::cancelled),  none},
  /* confirmed   */ {go(S::succeeded), none,                       go(S::failed),                        go(S::confirmed),   go(S::downloading), go(S::timed_out),  go(S::cancelled),  none},
  /* downloading */ {go(S::succeeded), none,                       go(S::failed),                        go(S::downloading), none,               go(S::timed_out),  go(S::cancelled),  none},
  /* succeeded   */ {none,             none,                       none,                                 none,               none,               none,              none,              none},
  /* failed      */ {none,             none,                       none,                                 none,               none,               none,              none,              go(S::pending)},
  /* timed_out   */ {none,             none,                       none,                                 none,               none,               none,              none,              go(S::pending)},
  /* cancelled   */ {none,             none,                       none,                                 none,               none,               none,              none,              none},
  /* unconfirmed */ {go(S::succeeded), none,                       go(S::downloading, A::notify_again),  go(S::downloading), none,               go(S::timed_out),  go(S::cancelled),  none},
}};
// clang-format on

constexpr std::array live_states{S::pending, S::notified, S::confirmed, S::downloading};
constexpr std::array offered_states{S::notified, S::confirmed};
constexpr std::array retried_states{S::failed, S::timed_out};

struct Session {
  std::string_view epoch;
  std::uint64_t number = 0;
};
std::optional<Session> session_from(std::string_view text) noexcept {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  Session session{text.substr(0, slash), 0};
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + slash + 1, end, session.number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return session;
}

/// What a report of another version is, by the session that the rules compare it with.
UpgradeEvent event_of(const Upgrade& upgrade, std::string_view version, const Said& said) {
  if (version == upgrade.version) return E::reported_target;
  if (!upgrade.confirmed_at_ms) {
    const auto order = compare_sessions(said.session, upgrade.notified_session, said.redelivered);
    const bool long_ago = said.at_ms - upgrade.notified_at_ms >= notify_again_after_ms;
    return order == SessionOrder::later || long_ago ? E::reported_other_later : E::reported_other;
  }
  const auto order = compare_sessions(said.session, upgrade.confirmed_session, said.redelivered);
  return order == SessionOrder::later ? E::reported_other_later : E::reported_other;
}

void end(Upgrade& upgrade, std::string_view version, std::int64_t at_ms, bool was_notified) {
  upgrade.version_after = version;
  upgrade.ended_at_ms = at_ms;
  if (upgrade.state == S::failed) {
    upgrade.reason = "the device started again and reported " + std::string(version) +
                     " instead of " + upgrade.version;
  } else if (!was_notified) {
    upgrade.reason = "the device had this version already";
  } else if (!upgrade.confirmed_at_ms) {
    upgrade.reason = "the device reported this version without having confirmed the upgrade";
  }
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[byte >> 4U];
      encoded += digits[byte & 0x0FU];
    }
  }
  return encoded;
}

bool is_text(std::string_view text, std::size_t most) noexcept {
  return !text.empty() && text.size() <= most &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

std::string_view to_string(UpgradeState state) noexcept {
  return upgrade_state_names[static_cast<std::size_t>(state)];
}

std::optional<UpgradeState> upgrade_state_from(std::string_view text) noexcept {
  const auto* const found = std::find(upgrade_state_names.begin(), upgrade_state_names.end(), text);
  if (found == upgrade_state_names.end()) return std::nullopt;
  return static_cast<UpgradeState>(found - upgrade_state_names.begin());
}

std::optional<UpgradeStep> next_step(UpgradeState state, bool confirmed,
                                     UpgradeEvent event) noexcept {
  const bool unconfirmed = state == S::downloading && !confirmed;
  const auto row = unconfirmed ? unconfirmed_download : static_cast<std::size_t>(state);
  return upgrade_table[row][static_cast<std::size_t>(event)];
}

UpgradeTransition transition_of(UpgradeEvent event) noexcept {
  switch (event) {
    case E::download_started:
      return {offered_states, S::downloading};
    case E::time_limit:
      return {live_states, S::timed_out};
    case E::cancel:
      return {live_states, S::cancelled};
    case E::retry:
      return {retried_states, S::pending};
    default:
      return {{}, S::pending};  // told by messages: next_step() alone knows
  }
}

SessionOrder compare_sessions(std::string_view session, std::string_view than,
                              bool redelivered) noexcept {
  const auto left = session_from(session);
  const auto right = session_from(than);
  if (!left || !right) return SessionOrder::unknown;
  if (left->epoch != right->epoch) {
    return redelivered ? SessionOrder::unknown : SessionOrder::later;
  }
  if (left->number == right->number) return SessionOrder::same;
  return left->number > right->number ? SessionOrder::later : SessionOrder::earlier;
}

UpgradeAction on_firmware_report(Upgrade& upgrade, std::string_view version, const Said& said) {
  const auto event = event_of(upgrade, version, said);
  const auto step = next_step(upgrade.state, upgrade.confirmed_at_ms.has_value(), event);
  if (!step) return A::none;
  const bool was_notified = upgrade.state != S::pending;
  upgrade.state = step->state;
  if (!was_notified) upgrade.version_before = version;
  if (!is_live(step->state)) end(upgrade, version, said.at_ms, was_notified);
  if (step->action != A::none) {
    upgrade.notified_session = said.session;
    upgrade.notified_at_ms = said.at_ms;
  }
  return step->action;
}

bool on_confirmation(Upgrade& upgrade, const Said& said) {
  const auto step =
      next_step(upgrade.state, upgrade.confirmed_at_ms.has_value(), UpgradeEvent::confirmed);
  if (!step) return false;
  const Upgrade before = upgrade;
  upgrade.state = step->state;
  if (!upgrade.confirmed_at_ms) {
    upgrade.confirmed_at_ms = said.at_ms;
    upgrade.confirmed_session = said.session;
  } else if (compare_sessions(said.session, upgrade.confirmed_session, said.redelivered) ==
                 SessionOrder::later ||
             upgrade.confirmed_session.empty()) {
    // It began anew: what it reports in this session is no verdict.
    upgrade.confirmed_session = said.session;
  }
  return upgrade != before;
}

std::string build_ota_notify(const OtaNotify& notify) {
  nlohmann::ordered_json payload{{"Type", 2},
                                 {"Url", notify.url},
                                 {"SoftVer", notify.version},
                                 {"SoftSize", notify.size},
                                 {"MD5", notify.md5},
                                 {"DownID", notify.down_id},
                                 {"firmwareName", notify.file_name}};
  if (notify.module != "default") payload["Module"] = notify.module;
  return payload.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string download_url(std::string_view base, std::string_view down_id) {
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base) + "/ota/" + percent_encoded(down_id);
}

tl::expected<std::string, FrameRefusal> parse_ota_notify_ack(const Frame& frame,
                                                             const nlohmann::json& payload) {
  const auto refuse = [&](std::string reason) {
    return tl::make_unexpected(
        FrameRefusal{"OTA-2", std::move(reason), frame.message_id, frame.header_ctrl});
  };
  if (!payload.is_object()) return refuse("Payload is not an object");
  const auto member = payload.find("DownID");
  if (member == payload.end()) return refuse(missing_member(payload, "DownID"));
  const auto* text = member->get_ptr<const std::string*>();
  if (text == nullptr) return refuse("DownID is not a string");
  if (!is_text(*text, 64)) return refuse("DownID is not of 1 to 64 bytes");
  return *text;
}

bool is_firmware_version(std::string_view text) noexcept {
  return is_text(text, 64) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x7F; });
}
bool is_firmware_module(std::string_view text) noexcept { return is_text(text, 64); }
bool is_firmware_name(std::string_view text) noexcept {
  return is_text(text, 128) && text.find_first_of("/\\") == std::string_view::npos &&
         text.find_first_not_of('.') != std::string_view::npos;
}

}  // namespace xgate::protocol
