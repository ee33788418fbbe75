// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/aes.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/worker.hpp"
#include "service/script/engine.hpp"
#include "service/store/scripts.hpp"

namespace xgate::ingest {

/// Whether a message goes through its product's script first (TOPIC-14): asked for every message.
inline bool is_hex_topic(std::string_view topic) noexcept {
  return topic.ends_with("/model/hex/report") || topic.ends_with("/model/hex");
}

/// The stage before the device workers: gives the bytes of HEX messages to the engine, and the
/// messages, with what came of it, to their device's worker. A product's keep their order; they
/// wait for one another, and no other product's for them.
class HexMessages : public Processor {
 public:
  /// Called on this worker's thread and the engine's: must not wait.
  using Forward = std::function<void(Received)>;
  HexMessages(script::Engine& engine, Forward forward);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  /// The device's worker keeps it, refused: nothing here can.
  pg::Result<Outbound> give_up(pg::Connection& connection, const Received& message,
                               const pg::Error& error) override;

  std::size_t held() const override;
  /// Until everything that was taken has been handed on.
  void wait_until_idle();

 private:
  /// A message on its way, in its product's line.
  struct Underway {
    Received received;
    bool done = false;
  };
  using Line = std::deque<std::shared_ptr<Underway>>;
  struct Prepared {
    std::string product_id;
    std::optional<script::Call> call;  ///< nothing: there is nothing to run
    std::shared_ptr<const store::ScriptResult> script;
  };

  Prepared prepare(const Received& received, const store::HexProduct* product, store::State& state);
  std::optional<std::string> bytes_of(const Received& received, const protocol::TopicMatch& topic,
                                      bool encrypted, store::State& state);
  void start(const Received& received, Prepared prepared);
  void finish(const std::string& product_id, const std::shared_ptr<Underway>& underway,
              std::shared_ptr<const store::ScriptResult> script);

  script::Engine& engine_;
  const Forward forward_;
  store::ScriptCache scripts_;
  protocol::Aes aes_;
  mutable std::mutex mutex_;
  std::condition_variable less_;
  std::map<std::string, Line, std::less<>> lines_;
  std::size_t underway_ = 0;
  std::size_t underway_bytes_ = 0;
};

}  // namespace xgate::ingest
