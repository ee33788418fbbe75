// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/frame.hpp"

// OTA-1…3: one upgrade of one module of one device, from the first report to the verdict. Pure: the
// caller keeps what is here in the database, and sends only what is kept.
namespace xgate::protocol {

/// pending → notified → confirmed → downloading → succeeded | failed | timed_out | cancelled.
enum class UpgradeState : std::uint8_t {
  pending,      ///< waits for the device to report its version
  notified,     ///< ota_notify is on its way
  confirmed,    ///< the device answered with its DownID
  downloading,  ///< the download server sent it a first byte
  succeeded,
  failed,
  timed_out,
  cancelled,
};
inline constexpr int upgrade_states = 8;
std::string_view to_string(UpgradeState state) noexcept;  ///< "timed_out"
std::optional<UpgradeState> upgrade_state_from(std::string_view text) noexcept;
constexpr bool is_live(UpgradeState state) noexcept { return state < UpgradeState::succeeded; }

/// What can happen to an upgrade.
enum class UpgradeEvent : std::uint8_t {
  reported_target,  ///< a firmware report with the version that is to be reached
  reported_other,   ///< any other version, while the device may still be busy (or says it again)
  /// any other version, after the device started again; before the confirmation also: long after
  /// it was notified
  reported_other_later,
  confirmed,  ///< ota_notify_ack with this upgrade's DownID
  download_started,
  time_limit,
  cancel,
  retry,
};
inline constexpr int upgrade_events = 8;

enum class UpgradeAction : std::uint8_t {
  none,
  notify,        ///< send ota_notify
  notify_again,  ///< send the same once more: it may have been lost
};

struct UpgradeStep {
  UpgradeState state = UpgradeState::pending;
  UpgradeAction action = UpgradeAction::none;
  bool operator==(const UpgradeStep&) const = default;
};
/// The table. Nothing: the event changes nothing (late, duplicate, out of order). `confirmed` tells
/// a download that the device confirmed from one whose confirmation was lost.
std::optional<UpgradeStep> next_step(UpgradeState state, bool confirmed,
                                     UpgradeEvent event) noexcept;
/// The states in which an event without a message (download_started … retry) leads to another one,
/// and to which: what statements over many rows are made of.
struct UpgradeTransition {
  std::span<const UpgradeState> from;
  UpgradeState to;
};
UpgradeTransition transition_of(UpgradeEvent event) noexcept;

/// How one MQTT session of a device stands to another, "<epoch of the broker>/<number>" each.
enum class SessionOrder : std::uint8_t { unknown, earlier, same, later };
/// A broker's epochs have no order. What was said in another one was said later, but for a message
/// that the broker delivers a second time (`redelivered`), which may be old.
SessionOrder compare_sessions(std::string_view session, std::string_view than,
                              bool redelivered) noexcept;

/// What the rules look at and change. Times are Unix milliseconds.
struct Upgrade {
  UpgradeState state = UpgradeState::pending;
  std::string version = {};            ///< to be reached
  std::string version_before = {};     ///< as first reported
  std::string version_after = {};      ///< as reported with the verdict
  std::string notified_session = {};   ///< of the report that made us notify last; empty: unknown
  std::string confirmed_session = {};  ///< empty: not confirmed, or unknown
  std::int64_t notified_at_ms = 0;
  std::optional<std::int64_t> confirmed_at_ms = {};
  std::optional<std::int64_t> ended_at_ms = {};
  std::string reason = {};  ///< of the end, one sentence where there is something to say
  bool operator==(const Upgrade&) const = default;
};

/// Where a message came from.
struct Said {
  std::string_view session;  ///< empty: the broker did not stamp it
  bool redelivered = false;
  std::int64_t at_ms = 0;
};

/// A device that goes on reporting an old version without an answer is notified again in the same
/// session too, but not for each resend.
inline constexpr std::int64_t notify_again_after_ms = std::int64_t{10} * 60 * 1000;

// OTA-3. Each changes `upgrade` where the message changes something, and tells what is to be sent.
UpgradeAction on_firmware_report(Upgrade& upgrade, std::string_view version, const Said& said);
/// False: nothing changed. The caller has compared the DownID.
bool on_confirmation(Upgrade& upgrade, const Said& said);

/// OTA-1: the Payload of ota_notify, as JSON text in the source's order.
struct OtaNotify {
  std::string url;
  std::string version;
  std::int64_t size = 0;
  std::string md5;  ///< 32 hex digits
  std::string down_id;
  std::string file_name;
  std::string module;
};
std::string build_ota_notify(const OtaNotify& notify);
/// OTA-4: where the device downloads it: BASE/ota/DownID, as short as can be (OTA-1).
std::string download_url(std::string_view base, std::string_view down_id);

/// OTA-2: the DownID of an ota_notify_ack.
tl::expected<std::string, FrameRefusal> parse_ota_notify_ack(const Frame& frame,
                                                             const nlohmann::json& payload);

bool is_firmware_version(std::string_view text) noexcept;  ///< 1…64 printable ASCII characters
bool is_firmware_module(std::string_view text) noexcept;   ///< 1…64 bytes, no control characters
/// 1…128 bytes of UTF-8's printable part, no slash or backslash, not all dots.
bool is_firmware_name(std::string_view text) noexcept;

}  // namespace xgate::protocol
