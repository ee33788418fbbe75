// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

// V2-6: who fails again and again has to wait. Keys are hashes that nobody else can make (SipHash);
// times are milliseconds of a clock that never jumps.
namespace xgate::protocol {

/// So many places, whoever comes: rows of eight, of which a key has one. Where all eight of its row
/// are taken, a newcomer takes over the place *and the state* of the one with the least to
/// remember. So nobody looks better for having had himself pushed out by others: when he is back,
/// he takes over a state no better than the one he lost.
template <class State>
class FailurePlaces {
 public:
  explicit FailurePlaces(std::size_t rows) : rows_(std::max<std::size_t>(rows, 1)) {}

  State* find(std::uint64_t key) noexcept {
    for (auto& place : row_of(key)) {
      if (place.key == key && place.taken) return &place.state;
    }
    return nullptr;
  }
  State& take(std::uint64_t key, std::int64_t now_ms) noexcept {
    if (State* known = find(key)) return *known;
    auto& row = row_of(key);
    auto* least = &row.front();
    for (auto& place : row) {
      if (!place.taken || place.state.is_over(now_ms)) {
        place = {key, true, {}};
        return place.state;
      }
      if (place.state < least->state) least = &place;
    }
    least->key = key;
    return least->state;
  }
  void forget(std::uint64_t key) noexcept {
    for (auto& place : row_of(key)) {
      if (place.key == key) place = {};
    }
  }
  void clear() noexcept { std::ranges::fill(rows_, Row{}); }

 private:
  struct Place {
    std::uint64_t key = 0;
    bool taken = false;
    State state;
  };
  using Row = std::array<Place, 8>;
  Row& row_of(std::uint64_t key) noexcept { return rows_[key % rows_.size()]; }

  std::vector<Row> rows_;
};

/// Of one identity from one peer: some failures are free, then each one doubles the wait.
class LoginBackoff {
 public:
  struct Rule {
    int free = 5;
    std::int64_t first_ms = 1000;
    std::int64_t longest_ms = 900'000;  ///< 0: nobody ever waits
  };
  /// What is to be waited after so many failures in a row; 0: nothing.
  static std::int64_t wait_after(const Rule& rule, int failures) noexcept;

  explicit LoginBackoff(const Rule& rule, std::size_t rows = 8192);

  struct Standing {
    int failures = 0;
    std::int64_t wait_ms = 0;  ///< until the next try counts; 0: it counts now
  };
  Standing standing(std::uint64_t key, std::int64_t now_ms) noexcept;
  /// Only of tries that counted: one that came too early makes the wait no longer, or a device that
  /// goes on trying would never get in again once it was mended.
  Standing failed(std::uint64_t key, std::int64_t now_ms) noexcept;
  void succeeded(std::uint64_t key) noexcept { places_.forget(key); }
  void clear() noexcept { places_.clear(); }

 private:
  struct Failures {
    int count = 0;
    std::int64_t open_at_ms = 0;
    std::int64_t over_at_ms = 0;
    bool is_over(std::int64_t now_ms) const noexcept { return now_ms >= over_at_ms; }
    bool operator<(const Failures& other) const noexcept {
      return count != other.count ? count < other.count : open_at_ms < other.open_at_ms;
    }
  };

  const Rule rule_;
  FailurePlaces<Failures> places_;
};

/// Of one peer, whatever identities it tries: so many failures at once, which come back evenly over
/// the window.
class PeerBudget {
 public:
  struct Rule {
    int failures = 5000;  ///< 0: no limit
    std::int64_t window_ms = 600'000;
  };
  explicit PeerBudget(const Rule& rule, std::size_t rows = 512);

  /// Milliseconds until the next try counts; 0: it counts now.
  std::int64_t wait(std::uint64_t key, std::int64_t now_ms) noexcept;
  void failed(std::uint64_t key, std::int64_t now_ms) noexcept;
  void clear() noexcept { places_.clear(); }

 private:
  struct Spent {
    std::int64_t until_us = 0;  ///< when all of it will have come back
    bool is_over(std::int64_t now_ms) const noexcept { return until_us <= now_ms * 1000; }
    bool operator<(const Spent& other) const noexcept { return until_us < other.until_us; }
  };

  const Rule rule_;
  const std::int64_t each_us_;
  FailurePlaces<Spent> places_;
};

}  // namespace xgate::protocol
