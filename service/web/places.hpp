// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace xgate::web {

class Places;

/// One connection's place, until it ends. It can be taken away while its holder is silent, that is
/// has not shown since it came, or since its last answer was taken, that it may ask here: no
/// request, none of somebody who is known, or no answer that is read, is all the same.
class Place {
 public:
  using Clock = std::chrono::steady_clock;

  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void silent(Clock::time_point now);  ///< from now on
  void busy();
  /// As silent as before it was: whom it was busy for is a stranger.
  void busy_no_more();
  /// Called, within a take(), when somebody else got this place.
  void when_lost(std::function<void()> lose) { lose_ = std::move(lose); }

 private:
  friend class Places;
  /// Those that never had an answer come first, then those that have been silent longest.
  using Rank = std::pair<bool, Clock::time_point>;
  using Queue = std::set<std::pair<Rank, Place*>>;

  struct Peer {
    std::string key;
    std::size_t held = 0;
    Queue silent;
  };

  Place(std::shared_ptr<Places> places, Peer& peer) : places_(std::move(places)), peer_(peer) {}
  void give_back();

  std::shared_ptr<Places> places_;  ///< empty: it was taken away
  Peer& peer_;
  std::function<void()> lose_;
  Rank rank_;  ///< in the queues, while it is silent
  bool silent_ = false;
  bool came_ = false;
};

/// LIMIT-10, LIMIT-12: how many connections a server has, and of these one address. Of an IPv6
/// address the /64 counts. Who comes when all are taken gets the place of somebody who is silent,
/// of the same address where it is the address' share that is used up. On one thread; times are
/// arguments.
class Places : public std::enable_shared_from_this<Places> {
 public:
  using Clock = Place::Clock;
  struct Rule {
    std::size_t all = 0;
    std::size_t per_address = 0;
  };
  /// Whoever has just connected may still be about to speak: nobody loses his place sooner.
  static constexpr std::chrono::milliseconds grace{500};

  static std::shared_ptr<Places> make(const Rule& rule);

  enum class Short : std::uint8_t { address, all };
  struct Taken {
    std::unique_ptr<Place> place;  ///< silent from now on; null: there is none
    Short of = Short::all;         ///< where there is none
  };
  Taken take(std::string_view address, Clock::time_point now);

  std::size_t taken() const noexcept { return taken_; }
  const Rule& rule() const noexcept { return rule_; }

 private:
  friend class Place;
  explicit Places(const Rule& rule) : rule_(rule) {}
  static bool take_away(Place::Queue& from, Clock::time_point now);

  const Rule rule_;
  std::size_t taken_ = 0;
  Place::Queue silent_;
  std::unordered_map<std::string, Place::Peer> peers_;  ///< those that hold a place
};

}  // namespace xgate::web
