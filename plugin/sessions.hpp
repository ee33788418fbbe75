// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "directory/device_key.hpp"
#include "directory/device_table.hpp"
#include "link/events.hpp"
#include "plugin/broker.hpp"
#include "plugin/budget.hpp"
#include "plugin/limits.hpp"
#include "protocol/access.hpp"

namespace xgate::plugin {

/// A client that logged in and has not ended.
struct Session {
  enum class Kind : std::uint8_t { service, auth, device };

  Kind kind = Kind::service;
  std::uint64_t number = 0;                ///< of this epoch's logins, from 1
  Client* client = nullptr;                ///< the broker's object; its id may be freed before it
  std::string account;                     ///< service: its line in the accounts file
  directory::DeviceKey key;                ///< auth, device
  std::optional<protocol::Rights> rights;  ///< auth, device
  // What the login rested on: where one of these changes, it is over.
  protocol::AesKey secret{};
  std::string product_key;
  std::int64_t revision = 0;       ///< device: its row's, as last judged
  std::uint32_t registration = 0;  ///< device

  std::string client_id;  ///< as sent; the broker may know it under its canonical form
  std::string address;
  bool clean_start = false;
  int login_type = 0;
  std::int64_t timestamp = 0;
  std::int64_t at_ms = 0;

  bool superseded = false;  ///< taken over: what it still "publishes" is its will
  bool revoked = false;     ///< about to be kicked
  /// Filters below T through which commands come, as told to the service: each once, and no more
  /// than max_heard of them, so that whoever subscribes again and again makes it work no more.
  std::vector<std::string> heard;
  static constexpr std::size_t max_heard = 64;
  /// How many that were given up it was told of: of more it hears when a command goes unheard.
  int given_up = 0;
  static constexpr int max_given_up = 64;
  /// Whether it resumed a stored one that has subscriptions; unset: it has none of its own yet, so
  /// that the broker can still say.
  std::optional<bool> brought_along;
  /// Commands that nobody took, newest last: told once more with every list of the live sessions,
  /// which is asked for where events may have been lost.
  std::vector<std::int64_t> unheard;
  static constexpr std::size_t max_unheard = 64;
  bool lost_places = false;  ///< what the broker stored was refused to it (see tell_resumed)
  TokenBucket refusals;
  PublishRates rates;  ///< device, auth
  Allowance allowance;
  /// The limit beyond which it went on, so that it is about to be kicked.
  std::optional<link::Limit> exceeding;
  Consumer consumes = Consumer::none;  ///< service
  std::uint64_t handed_on_in = 0;      ///< the broker's round (Plugin::rounds) of its last copy

  const protocol::Identity& identity() const noexcept { return rights->identity(); }
};

/// The Online event of a session, as it was or would be told.
link::Online online_event(const Session& session);

/// Live sessions, by the broker's object, and by device where there is one.
class Sessions {
 public:
  Session* find(const Client* client) const noexcept;
  /// The newest live one of a device, of the given kind.
  Session* of_device(Session::Kind kind, const directory::DeviceKey& key) const noexcept;
  /// The live one of this number; null where there is none.
  Session* numbered(std::uint64_t number) const noexcept;
  /// The first one whose number is greater; null after the last.
  Session* after(std::uint64_t number) const noexcept;

  /// Numbers it. A live session of the same device and kind is superseded.
  Session& begin(std::unique_ptr<Session> session);
  /// Null where the client had none. `last_of_device`: no newer one has taken over.
  struct Ended {
    std::unique_ptr<Session> session;
    bool last_of_device = false;
  };
  Ended end(const Client* client) noexcept;

  std::uint64_t last_number() const noexcept { return last_number_; }
  std::size_t size() const noexcept { return by_number_.size(); }

 private:
  using ByDevice =
      boost::unordered_flat_map<directory::DeviceKey, Session*, directory::DeviceKeyHash>;
  const ByDevice& devices(Session::Kind kind) const noexcept {
    return kind == Session::Kind::auth ? auth_ : device_;
  }
  ByDevice& devices(Session::Kind kind) noexcept {
    return kind == Session::Kind::auth ? auth_ : device_;
  }

  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Session>> by_number_;
  boost::unordered_flat_map<const Client*, Session*> by_client_;
  ByDevice auth_;
  ByDevice device_;
};

/// V2-3's times as this broker saw them itself: newer than any snapshot's. Of the registration that
/// was marked last: a device that is deleted and registered anew has no past.
class LoginMarks {
 public:
  /// The device's session ended.
  void offline(const Session& session, std::int64_t now_s);
  /// It began, by a login with type 1.
  void type1(const Session& session);
  /// Puts into `device` what is newer here.
  void apply(const directory::DeviceKey& key, directory::Device& device) const noexcept;
  /// Of a device that is deleted.
  void forget(const directory::DeviceKey& key) { marks_.erase(key); }
  /// A device that an operator has reset (AUTH-11) has a newer revision and no past.
  void forget_if_reset(const directory::DeviceKey& key, const directory::Device& device);

 private:
  struct Marks {
    std::int64_t last_offline_s = 0;
    protocol::UsedTimestamps used{0, 0};
    std::int64_t revision = 0;
    std::uint32_t registration = 0;
  };
  Marks& marks_of(const Session& session);
  boost::unordered_flat_map<directory::DeviceKey, Marks, directory::DeviceKeyHash> marks_;
};

}  // namespace xgate::plugin
