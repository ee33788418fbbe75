// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

// Upgrades as the pipeline, the clock and the download server see them; jobs are
// upgrade_jobs.hpp's. Who locks devices, upgrades and commands does so in this order, each by its
// number.
namespace xgate::store {

/// The live upgrades of these devices that are released, and of those in `confirming` what ended
/// lately too: a late ota_notify_ack is none of a stranger.
pg::Result<void> read_upgrades(pg::Connection& connection, std::span<const std::int64_t> device_ids,
                               std::span<const std::int64_t> confirming, State& state);

/// What messages changed. An error that is worth trying again where somebody else changed one of
/// them since it was read: its messages must then be judged anew.
pg::Result<void> write_upgrades(pg::Connection& connection, std::span<const UpgradeChange> changes);

/// Settles what notices of the ended ones among `changes` are still open, once the answers of the
/// same messages stand: they are not sent again. How many.
pg::Result<std::int64_t> withdraw_notices(pg::Connection& connection,
                                          std::span<const UpgradeChange> changes,
                                          std::int64_t now_ms);

/// Ends up to 500 whose time limit is over; how many.
pg::Result<std::int64_t> end_overdue_upgrades(pg::Connection& connection, std::int64_t now_ms);

/// What a DownID gives right to (OTA-4).
struct Offer {
  std::int64_t upgrade_id = 0;
  std::string down_id;
  std::string sha256;
  std::string md5;
  std::int64_t size = 0;
  bool started = false;  ///< a download has begun before
};
/// What a DownID is good for. Neither: it is unknown, or was not told to a device yet.
struct DownIdUse {
  std::string address;  ///< from which its device logged in last
  std::optional<Offer> offer;
  /// Its device was told it, and the upgrade is over.
  struct Over {
    std::string device;  ///< P.N
    std::int64_t job_id = 0;
    std::string state;        ///< "succeeded", "cancelled", …
    bool begun_anew = false;  ///< by a retry, which has a DownID of its own
  };
  std::optional<Over> over;
};
pg::Result<DownIdUse> find_offer(pg::Connection& connection, const std::string& down_id);

/// Those of tries that ended before then.
pg::Result<void> forget_former_down_ids(pg::Connection& connection, std::int64_t before_ms);

/// What the download server did for one of them, and when: it is written later.
struct Progress {
  std::int64_t started_at_ms = 0;  ///< 0: not with this
  std::int64_t bytes = 0;
  std::int64_t sent_at_ms = 0;  ///< the last of them

  void add(const Progress& more) {
    started_at_ms = started_at_ms == 0 ? more.started_at_ms : started_at_ms;
    bytes += more.bytes;
    sent_at_ms = std::max(sent_at_ms, more.sent_at_ms);
  }
};
pg::Result<void> note_progress(pg::Connection& connection, const Offer& offer,
                               const Progress& progress);

}  // namespace xgate::store
