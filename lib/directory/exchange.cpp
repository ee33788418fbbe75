// SPDX-License-Identifier: Apache-2.0
#include "directory/exchange.hpp"

#include <utility>

namespace xgate::directory {

Exchange::~Exchange() {
  const std::unique_ptr<Publication> last(offered_.exchange(nullptr));
  free_retired();
}

void Exchange::publish(Snapshot snapshot, Changes changes) {
  auto next = std::make_unique<Publication>();
  next->snapshot = std::move(snapshot);
  const std::unique_ptr<Publication> untaken(offered_.exchange(nullptr, std::memory_order_acquire));
  if (untaken) next->changes = std::move(untaken->changes);
  next->changes.append(std::move(changes));
  next->number = ++published_;
  offered_.store(next.release(), std::memory_order_release);
}

// Both sides write theirs before they read the other's, in one order for all: one of them sees it.
bool Exchange::is_settled(std::uint64_t number) noexcept {
  if (settled_.load() >= number) return true;
  awaited_.store(number);
  return settled_.load() >= number;
}

bool Exchange::settle(std::uint64_t number) noexcept {
  settled_.store(number);
  auto awaited = awaited_.load();
  return awaited != 0 && awaited <= number && awaited_.compare_exchange_strong(awaited, 0);
}

void Exchange::free_retired() noexcept {
  Publication* retired = retired_.exchange(nullptr, std::memory_order_acquire);
  while (retired != nullptr) {
    const std::unique_ptr<Publication> one(retired);
    retired = one->next;
  }
}

std::unique_ptr<Publication> Exchange::take() noexcept {
  // most often there is nothing: a plain load leaves the cache line shared
  if (offered_.load(std::memory_order_relaxed) == nullptr) return nullptr;
  return std::unique_ptr<Publication>(offered_.exchange(nullptr, std::memory_order_acquire));
}

void Exchange::retire(std::unique_ptr<Publication> done) noexcept {
  if (!done) return;
  Publication* one = done.release();
  one->next = retired_.load(std::memory_order_relaxed);
  while (!retired_.compare_exchange_weak(one->next, one, std::memory_order_release,
                                         std::memory_order_relaxed)) {
  }
}

}  // namespace xgate::directory
