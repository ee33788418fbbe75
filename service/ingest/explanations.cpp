// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/explanations.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "protocol/explain_payload.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::ingest {
namespace {

constexpr std::string_view not_looked_for =
    "not looked for: so many such messages, of this device or of all, were looked at lately";

std::string explain_one(const PayloadQuestion& question, std::span<const protocol::KnownSeed> seeds,
                        const store::State& state) {
  const store::Product* product = state.product(question.device.product_id);
  const store::Device* device = state.device(question.device);
  if (product == nullptr || device == nullptr) {
    return {};
  }
  return protocol::explain_payload(question.payload, {.topic = question.topic,
                                                      .encrypted_product = product->encrypted,
                                                      .product_key = product->product_key,
                                                      .device_secret = device->device_secret,
                                                      .product_reading = product->key_reading,
                                                      .seeds = seeds});
}

/// What was taken as plain keeps its verdict, and is warned of where it was ciphertext after all.
void tell(const PayloadQuestion& question, std::string&& text, store::MessageRow& row) {
  if (text.empty()) {
    return;
  }
  if (!question.accepted) {
    row.explanation = std::move(text);
    return;
  }
  row.note = row.note ? *row.note + "; " + text : std::move(text);
  row.warning = true;
}

}  // namespace

bool ExplanationBudget::take_from(Bucket& bucket, double burst, double per_second,
                                  std::int64_t now_ms) {
  if (bucket.at_ms == 0) {
    bucket.left = burst;
  }
  const auto passed = static_cast<double>(std::max<std::int64_t>(now_ms - bucket.at_ms, 0));
  bucket.left = std::min(burst, bucket.left + passed / 1000 * per_second);
  bucket.at_ms = now_ms;
  if (bucket.left < 1) {
    return false;
  }
  bucket.left -= 1;
  return true;
}

bool ExplanationBudget::take(std::int64_t device_id, std::int64_t now_ms) {
  constexpr std::size_t most_remembered = 10'000;
  constexpr double one_burst = 20;
  constexpr double one_per_second = 1;
  constexpr double all_burst = 25;
  constexpr double all_per_second = 5;
  if (devices_.size() >= most_remembered) {
    devices_.clear();  // bounded; the budget of all still holds
  }
  return take_from(devices_[device_id], one_burst, one_per_second, now_ms) &&
         take_from(all_, all_burst, all_per_second, now_ms);
}

pg::Result<void> explain(pg::Connection& connection, std::vector<Unexplained>& messages,
                         ExplanationBudget& budget, const store::State& state,
                         std::int64_t now_ms) {
  if (messages.empty()) {
    return {};
  }
  std::set<std::int64_t> devices;
  for (Unexplained& message : messages) {
    const bool granted = budget.take(message.question.device_id, now_ms);
    if (granted) {
      devices.insert(message.question.device_id);
    } else if (!message.question.accepted) {
      message.row->explanation = std::string(not_looked_for);
    }
    message.question.granted = granted;
  }
  if (devices.empty()) {
    return {};
  }
  const std::vector<std::int64_t> ids(devices.begin(), devices.end());
  const auto seeds = store::read_known_seeds(connection, ids);
  if (!seeds) {
    return tl::unexpected(seeds.error());
  }
  for (const Unexplained& message : messages) {
    if (!message.question.granted) {
      continue;
    }
    const auto known = seeds->find(message.question.device_id);
    std::span<const protocol::KnownSeed> of_device;
    if (known != seeds->end()) {
      of_device = known->second;
    }
    tell(message.question, explain_one(message.question, of_device, state), *message.row);
  }
  return {};
}

}  // namespace xgate::ingest
