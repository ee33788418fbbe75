// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <tl/expected.hpp>

#include "benchmarks/load/devices.hpp"
#include "benchmarks/load/message_log.hpp"
#include "benchmarks/load/options.hpp"
#include "benchmarks/load/pace.hpp"
#include "benchmarks/load/reports.hpp"
#include "benchmarks/load/result.hpp"
#include "mqtt/decoder.hpp"
#include "protocol/aes.hpp"

namespace xgate::benchmarks {

/// Plays all devices in one thread: an epoll loop over plain sockets, whose every round reads,
/// decides, notes what is to be sent in the log, and then writes.
class Generator {
 public:
  Generator(const Options& options, const DeviceList& devices, MessageLog& log,
            const std::atomic<bool>& stop);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// What went wrong is one sentence: the machine gives too few descriptors, the log's disk is
  /// full.
  tl::expected<Result, std::string> run();

 private:
  enum class State : std::uint8_t { idle, connecting, logging_in, subscribing, ready };
  enum class Phase : std::uint8_t { ramp, warmup, measured, drain, over };

  /// Under way: a report, a publish or a login.
  struct Operation {
    std::uint32_t id = 0;  ///< MessageId (uplink) or packet id (publish)
    std::int64_t meant_ns = 0;
    std::int64_t begun_ns = 0;
  };
  struct Connection {
    int socket = -1;
    State state = State::idle;
    bool dirty = false;    ///< stands in dirty_
    bool blocked = false;  ///< the socket takes no more for now
    std::uint16_t packet_id = 0;
    std::size_t number = 0;
    std::optional<mqtt::Decoder> decoder;
    std::string out;
    std::vector<Operation> under_way;
    // the device that it plays
    std::string name;  ///< P.N
    std::string topic;
    std::string ack_topic;
    protocol::AesKey key{};
    // times
    Operation login;
    std::int64_t again_ns = 0;  ///< idle: when to connect next
    std::int64_t wrote_ns = 0;
    int failures = 0;
  };

  // generator.cpp: the loop and its phases
  void begin();
  void round();
  void wait();
  void look_at_clock();
  void change_phase(Phase next);
  void begin_operations();
  void begin_closed();
  void begin_open();
  void look_at_each();
  bool may_begin() const noexcept;
  bool write_all();
  void progress();
  void finish();

  // connecting.cpp: a connection's life
  void keep_connecting();
  bool connect(Connection& c, std::int64_t meant_ns);
  int open_socket(std::size_t source) const;
  std::string login_packet(const Device& device) const;
  void lost(Connection& c, bool login_failed);
  void close(Connection& c);
  void on_connected(Connection& c);
  void on_ready(Connection& c);

  // talking.cpp: what goes over it
  void on_event(Connection& c, std::uint32_t events);
  void read(Connection& c);
  void handle(Connection& c, mqtt::Packet& packet);
  void on_answer(Connection& c, const std::string& payload);
  void done(Connection& c, std::uint32_t id, bool good);
  void say(Connection& c, std::int64_t meant_ns);
  void mark_dirty(Connection& c);
  void write(Connection& c);
  void watch(Connection& c, bool writable) const;

  const Options& options_;
  const DeviceList& devices_;
  MessageLog& log_;
  const std::atomic<bool>& stop_;
  const Reports reports_;
  mutable protocol::Aes aes_;
  std::minstd_rand random_;  // jitter only
  const mqtt::Version version_;

  int epoll_ = -1;
  sockaddr_in broker_{};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> dirty_;
  std::vector<char> buffer_;
  std::string problem_;

  Phase phase_ = Phase::ramp;
  std::int64_t now_ns_ = 0;
  std::int64_t phase_began_ns_ = 0;
  std::int64_t looked_ns_ = 0;
  std::int64_t shown_ns_ = 0;
  std::optional<Pace> pace_;
  std::size_t turn_ = 0;         ///< of the open loop: whose turn it is
  std::size_t next_device_ = 0;  ///< of a connect storm
  std::size_t ready_ = 0;
  std::size_t connecting_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint32_t next_message_id_;
  Result result_;
  std::vector<double> processor_began_;
};

/// Nanoseconds of the monotonic clock.
std::int64_t monotonic_ns() noexcept;

}  // namespace xgate::benchmarks
