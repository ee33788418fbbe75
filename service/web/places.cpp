// SPDX-License-Identifier: Apache-2.0
#include "service/web/places.hpp"

#include "protocol/peer_address.hpp"

namespace xgate::web {

Place::~Place() { give_back(); }

void Place::silent(Clock::time_point now) {
  busy();
  rank_ = Rank(std::exchange(came_, true), now);
  busy_no_more();
}

void Place::busy() {
  if (!places_ || !std::exchange(silent_, false)) return;
  places_->silent_.erase({rank_, this});
  peer_.silent.erase({rank_, this});
}

void Place::busy_no_more() {
  if (!places_ || std::exchange(silent_, true)) return;
  places_->silent_.emplace(rank_, this);
  peer_.silent.emplace(rank_, this);
}

void Place::give_back() {
  if (!places_) return;
  busy();
  const auto places = std::exchange(places_, nullptr);
  --places->taken_;
  if (--peer_.held == 0) places->peers_.erase(std::string(peer_.key));
}

std::shared_ptr<Places> Places::make(const Rule& rule) {
  return std::shared_ptr<Places>(new Places(rule));
}

bool Places::take_away(Place::Queue& from, Clock::time_point now) {
  for (const bool answered : {false, true}) {
    const auto oldest = from.lower_bound({{answered, Clock::time_point::min()}, nullptr});
    if (oldest == from.end() || now - oldest->first.second < grace) continue;
    Place* place = oldest->second;
    const auto lose = place->lose_;
    place->give_back();
    if (lose) lose();
    return true;
  }
  return false;
}

Places::Taken Places::take(std::string_view address, Clock::time_point now) {
  const std::string key(protocol::Peer::of(address).bytes());
  const auto known = peers_.find(key);
  const bool full = known != peers_.end() && known->second.held >= rule_.per_address;
  if (full && !take_away(known->second.silent, now)) return {nullptr, Short::address};
  if (taken_ >= rule_.all && !take_away(silent_, now)) return {nullptr, Short::all};
  auto& peer = peers_.try_emplace(key).first->second;
  peer.key = key;
  ++peer.held;
  ++taken_;
  std::unique_ptr<Place> place(new Place(shared_from_this(), peer));
  place->silent(now);
  return {std::move(place), Short::all};
}

}  // namespace xgate::web
