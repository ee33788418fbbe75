// SPDX-License-Identifier: Apache-2.0
#include "protocol/login_failures.hpp"

namespace xgate::protocol {
namespace {

/// How long a failure is remembered after its wait, or whoever is a little patient would find his
/// free tries back.
constexpr std::int64_t memory_in_waits = 4;
constexpr int most_counted = 1'000'000;

}  // namespace

std::int64_t LoginBackoff::wait_after(const Rule& rule, int failures) noexcept {
  if (failures <= rule.free || rule.longest_ms <= 0) return 0;
  std::int64_t wait = std::min(rule.first_ms, rule.longest_ms);
  for (int i = rule.free + 1; i < failures && wait < rule.longest_ms; ++i) {
    wait = std::min(wait * 2, rule.longest_ms);
  }
  return wait;
}

LoginBackoff::LoginBackoff(const Rule& rule, std::size_t rows)
    : rule_(rule), places_(rule.longest_ms > 0 ? rows : 1) {}

LoginBackoff::Standing LoginBackoff::standing(std::uint64_t key, std::int64_t now_ms) noexcept {
  const Failures* known = rule_.longest_ms > 0 ? places_.find(key) : nullptr;
  if (known == nullptr || known->is_over(now_ms)) return {};
  return {known->count, std::max<std::int64_t>(known->open_at_ms - now_ms, 0)};
}

LoginBackoff::Standing LoginBackoff::failed(std::uint64_t key, std::int64_t now_ms) noexcept {
  if (rule_.longest_ms <= 0) return {};
  Failures& failures = places_.take(key, now_ms);
  if (failures.is_over(now_ms)) failures = {};
  failures.count = std::min(failures.count + 1, most_counted);
  const auto wait = wait_after(rule_, failures.count);
  failures.open_at_ms = now_ms + wait;
  failures.over_at_ms = failures.open_at_ms + memory_in_waits * rule_.longest_ms;
  return {failures.count, wait};
}

PeerBudget::PeerBudget(const Rule& rule, std::size_t rows)
    : rule_(rule),
      each_us_(rule.failures > 0 ? rule.window_ms * 1000 / rule.failures : 0),
      places_(rule.failures > 0 ? rows : 1) {}

std::int64_t PeerBudget::wait(std::uint64_t key, std::int64_t now_ms) noexcept {
  const Spent* spent = rule_.failures > 0 ? places_.find(key) : nullptr;
  if (spent == nullptr) return 0;
  const auto too_much = spent->until_us + each_us_ - now_ms * 1000 - rule_.window_ms * 1000;
  return too_much <= 0 ? 0 : (too_much + 999) / 1000;
}

void PeerBudget::failed(std::uint64_t key, std::int64_t now_ms) noexcept {
  if (rule_.failures <= 0) return;
  Spent& spent = places_.take(key, now_ms);
  const auto now_us = now_ms * 1000;
  spent.until_us = std::min(std::max(spent.until_us, now_us) + each_us_,
                            now_us + rule_.window_ms * 1000 + each_us_);
}

}  // namespace xgate::protocol
