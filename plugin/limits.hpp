// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "directory/device_key.hpp"
#include "directory/snapshot.hpp"
#include "link/limits.hpp"
#include "plugin/budget.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"

// LIMIT-1…7: who sends too much, asks too often, or fills the service's queue. Times are
// milliseconds of a clock that never goes back, above 0. Only on the broker's thread.
namespace xgate::plugin {

/// plugin_opt_…; 0: no limit.
struct LimitRules {
  std::int64_t messages_per_second = 100;
  std::int64_t bytes_per_second = 524'288;
  std::int64_t logins_per_minute = 60;
  std::int64_t product_auth_logins_per_second = 200;
  std::int64_t auth_requests_per_minute = 60;
  std::int64_t product_auth_requests_per_second = 1000;
  std::int64_t filters = 100;
  /// Messages, and bytes, that the broker keeps for each of the service's two connections.
  std::int64_t queue_messages = 100'000;
  std::int64_t queue_bytes = std::int64_t{1} << 30U;
};

/// What shares are measured by where a rule says that there is no limit.
inline constexpr LimitRules usual_limits;

/// What a device may publish in a second: its product's, else the broker's.
struct PublishRates {
  std::int64_t messages = 0;  ///< 0: no limit
  std::int64_t bytes = 0;
};
PublishRates publish_rates(const LimitRules& rules, const directory::Product& product) noexcept;

/// What a device has used up lately. A device that was quiet may send the messages of ten seconds
/// at once: what it kept while it had no link. However low its rate is, it may subscribe to all
/// that the protocol has, and send a message of the largest size.
class Allowance {
 public:
  enum class Then : std::uint8_t {
    answer,  ///< the service refuses it: the device learns why
    refuse,  ///< beyond what is worth an answer
    end,     ///< it went on and on: the session ends
  };
  struct Excess {
    link::Exceeded exceeded;
    Then then = Then::refuse;
  };

  /// One more publish of `bytes`.
  std::optional<Excess> publish(const PublishRates& rates, std::size_t bytes,
                                std::int64_t now_ms) noexcept;
  /// One more filter, asked for or given up, or a publish that was refused for another reason:
  /// counts like a message, and is not answered.
  std::optional<Excess> act(const PublishRates& rates, std::int64_t now_ms) noexcept;
  /// One more publish while the service's queue takes only this part of what it would, above 0.
  bool publish_sparingly(const PublishRates& rates, double part, std::int64_t now_ms) noexcept;
  std::optional<link::Exceeded> log_in(const LimitRules& rules, std::int64_t now_ms) noexcept;
  std::optional<Excess> ask_auth(const LimitRules& rules, std::int64_t now_ms) noexcept;

 private:
  Excess excess(const PublishRates& rates, link::Exceeded exceeded, double weight,
                std::int64_t now_ms) noexcept;
  Then refused(bool ends, std::int64_t now_ms) noexcept;

  TokenBucket messages_;
  TokenBucket bytes_;
  TokenBucket patience_;
  TokenBucket answers_;
  TokenBucket sparing_;
  TokenBucket logins_;
  TokenBucket auth_requests_;
  TokenBucket auth_patience_;
};

/// What devices had used up when their sessions ended: who comes back goes on with it. Of fixed
/// size; where it is full, who was away longest is forgotten, and begins with everything.
class Departed {
 public:
  Departed() : places_(sets * ways) {}
  /// `kind`: logins of different kinds have different allowances.
  void leave(std::uint8_t kind, const directory::DeviceKey& key, const Allowance& allowance,
             std::int64_t now_ms) noexcept;
  Allowance take(std::uint8_t kind, const directory::DeviceKey& key) noexcept;

 private:
  static constexpr std::size_t sets = 4096;
  static constexpr std::size_t ways = 4;
  struct Place {
    std::uint64_t identity = 0;  ///< 0: free
    std::int64_t left_ms = 0;
    Allowance allowance;
  };
  std::uint64_t identity(std::uint8_t kind, const directory::DeviceKey& key) const noexcept;
  /// Its own place, or else the one that it would get.
  Place& place_of(std::uint64_t who) noexcept;

  const protocol::SipHash::Key key_ = protocol::random_bytes<16>();
  std::vector<Place> places_;
};

/// What of a queue is one product's, as far as the service has not taken it: what was put in, by
/// periods of so many messages of the queue's. A period that began to be taken counts whole.
class QueueShare {
 public:
  /// One more message, behind `sums` of the queue's.
  void add(const link::QueueSums& sums, std::uint64_t period, std::size_t bytes) noexcept;
  /// What the service has not taken when it has taken so many of the queue's.
  link::QueueSums waiting(std::uint64_t taken, std::uint64_t period) const noexcept;

 private:
  struct Period {
    std::uint64_t number = 0;
    link::QueueSums put;
  };
  std::array<Period, 32> periods_{};
};

/// How full a queue is in which the broker keeps messages for a connection of the service's: what
/// was put into it less what the service says to have taken.
class ServiceQueue {
 public:
  void put(std::size_t bytes) noexcept {
    ++messages_;
    bytes_ += bytes;
  }
  /// All that was put in.
  link::QueueSums sums() const noexcept { return {messages_, bytes_}; }
  /// The service has come, in this session. Until a service has said for the first time what it has
  /// taken, nothing is known: an older one never does, nor does one that an older one replaces.
  void came(std::uint64_t session) noexcept;
  /// That session is over: from now on everything waits that is put in.
  void left(std::uint64_t session) noexcept;
  /// The service has taken what was put in until these were the sums.
  void taken(std::uint64_t messages, std::uint64_t bytes) noexcept;

  /// From 0, empty, to 1, full.
  double filled(const LimitRules& rules) const noexcept;
  /// A message of that product's goes in.
  void charge(QueueShare& share, const LimitRules& rules, std::size_t bytes) const noexcept;
  /// Which part of its rate a device may send, or all of a product's together: 1 up to half full.
  /// Then a product may fill four times what is left free, so that others find room however many
  /// its devices are; from a quarter of that on less and less, so that those who send most meet it
  /// first; 0 at the end.
  double part(const QueueShare& share, const LimitRules& rules) const noexcept;

 private:
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t taken_messages_ = 0;
  std::uint64_t taken_bytes_ = 0;
  std::uint64_t session_ = 0;
  std::uint64_t came_at_ = 0;  ///< messages_ then
  bool silent_ = false;        ///< it is there, and has said nothing in this session yet
  bool told_ = false;          ///< a service has said what it has taken
};

/// The service's connections by which devices' messages come.
enum class Consumer : std::uint8_t { none, uplinks, auth };

struct ServiceQueues {
  ServiceQueue uplinks;
  ServiceQueue auth;
  /// Null: it is none of them.
  ServiceQueue* of(Consumer consumer) noexcept {
    return consumer == Consumer::uplinks ? &uplinks : consumer == Consumer::auth ? &auth : nullptr;
  }
};

/// What the devices of a product used up together.
struct ProductAllowance {
  TokenBucket auth_logins;
  TokenBucket auth_requests;
  TokenBucket sparing;  ///< the same, while the queue takes only a part
  QueueShare uplinks;
  QueueShare auth;
};

/// Everything of the plugin's that counts for LIMIT-n.
struct Limits {
  Departed departed;
  ServiceQueues queues;
  /// By ProductID, of products that exist: there are few.
  boost::unordered_flat_map<std::uint64_t, ProductAllowance> products;
  ProductAllowance& product(std::string_view product_id) {
    return products[std::hash<std::string_view>{}(product_id)];
  }
  std::optional<link::Exceeded> log_in_auth(const LimitRules& rules, std::string_view product_id,
                                            std::int64_t now_ms);
  link::LimitCounts counts{};

  void count(link::Limit limit) noexcept { ++counts[static_cast<std::size_t>(limit)]; }
};

}  // namespace xgate::plugin
