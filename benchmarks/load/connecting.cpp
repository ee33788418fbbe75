// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <ctime>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "benchmarks/load/generator.hpp"
#include "mqtt/packets.hpp"
#include "protocol/login.hpp"

namespace xgate::benchmarks {
namespace {

constexpr std::int64_t first_wait_ns = 100'000'000;
constexpr std::int64_t last_wait_ns = 2'000'000'000;

protocol::LoginParameters parameters_of(const Device& device, const Options& options,
                                        protocol::Aes& aes) {
  const protocol::IdentityView id = view(device.id);
  switch (options.login) {
    case Login::auth:
      return protocol::auth_login_parameters(id, device.product_key);
    case Login::password:
      return {device.id.node_eui, device.id.node_eui, device.device_secret};
    case Login::anonymous:
      return {device.id.node_eui, {}, {}};
    case Login::v2:
      break;
  }
  const auto secret = protocol::aes_key_from_hex(device.device_secret).value_or(protocol::AesKey{});
  return protocol::v2_login_parameters(id, device.product_key, secret, options.login_type,
                                       std::time(nullptr), aes);
}

}  // namespace

/// Whoever is not connected and may be.
void Generator::keep_connecting() {
  if (phase_ >= Phase::drain) return;
  const bool storm = options_.mode == Mode::connect;
  if (!storm && ready_ + connecting_ == connections_.size()) return;
  if (storm && connecting_ == connections_.size()) return;
  for (const auto& held : connections_) {
    Connection& c = *held;
    if (connecting_ >= std::max(options_.connecting, storm ? options_.connections : 1)) return;
    if (c.state != State::idle || c.again_ns > now_ns_) continue;
    std::int64_t meant = now_ns_;
    if (storm) {
      if (!may_begin() || (pace_ && !pace_->due(now_ns_))) return;
      if (pace_) meant = pace_->take();
    }
    if (!connect(c, meant)) return;
  }
}

/// False: the machine gives no socket now.
bool Generator::connect(Connection& c, std::int64_t meant_ns) {
  const bool storm = options_.mode == Mode::connect;
  const std::size_t index = storm ? next_device_ : options_.skip + c.number;
  const int socket = open_socket(index);
  if (socket < 0) return false;
  if (storm && ++next_device_ == devices_.size()) next_device_ = options_.skip;
  c.socket = socket;
  c.login = {.id = 0, .meant_ns = meant_ns, .begun_ns = now_ns_};
  c.decoder.emplace(version_);
  c.packet_id = 0;
  const Device device = devices_.at(index);
  if (!storm && c.name.empty()) {
    c.name = protocol::device_name(device.id.product_id, device.id.node_eui);
    c.topic = reports_.topic(view(device.id));
    c.ack_topic = reports_.ack_topic(view(device.id));
    const auto key = reports_.key(device, aes_);
    if (!key) problem_ = "a device has no session key (SessionID, Nonce) to encrypt with";
    c.key = key.value_or(protocol::AesKey{});
  }
  c.out = login_packet(device);
  c.state = State::connecting;
  ++connecting_;
  if (storm) {
    ++begun_;
    ++under_way_;
  }
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = &c}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  return true;
}

int Generator::open_socket(std::size_t source) const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  constexpr std::uint32_t loopback = 127;
  if (ntohl(broker_.sin_addr.s_addr) >> 24U == loopback) {
    // One address has 28,000 ports, and each rests for a second after its connection.
    ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr =
        htonl((loopback << 24U) + 1 +
              static_cast<std::uint32_t>(source % static_cast<std::size_t>(options_.sources)));
    ::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  }
  const int connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&broker_), sizeof broker_);
  if (connected == 0 || errno == EINPROGRESS) return socket;
  ::close(socket);
  return -1;
}

std::string Generator::login_packet(const Device& device) const {
  const protocol::LoginParameters login = parameters_of(device, options_, aes_);
  mqtt::Connect packet;
  packet.client_id = login.client_id;
  packet.username = login.username;
  packet.password = login.password;
  packet.keepalive_s = static_cast<std::uint16_t>(options_.keepalive_s);
  std::string out;
  (void)mqtt::encode_connect(packet, version_, out);  // checked identities are always sayable
  return out;
}

/// The connection is gone, or the broker will not have it.
void Generator::lost(Connection& c, bool login_failed) {
  result_.counters.unanswered += c.under_way.size();
  under_way_ -= c.under_way.size();
  c.under_way.clear();
  if (login_failed) {
    ++result_.counters.logins_failed;
    if (options_.mode == Mode::connect) --under_way_;
  } else {
    ++result_.counters.connections_lost;
  }
  const std::int64_t wait = std::min(first_wait_ns << std::min(c.failures, 10), last_wait_ns);
  c.failures += 1;
  close(c);
  c.again_ns = now_ns_ + wait / 2 + static_cast<std::int64_t>(random_() % 1000) * (wait / 2000);
}

void Generator::close(Connection& c) {
  if (c.state == State::ready) {
    --ready_;
  } else if (c.state != State::idle) {
    --connecting_;
  }
  ::close(c.socket);
  c.socket = -1;
  c.state = State::idle;
  c.blocked = false;
  c.out.clear();
  c.again_ns = 0;
}

/// CONNACK, and it is good.
void Generator::on_connected(Connection& c) {
  ++result_.counters.logins;
  if (options_.mode == Mode::connect) {
    --under_way_;
    if (phase_ == Phase::measured) {
      ++result_.operations;
      if (c.login.meant_ns >= phase_began_ns_)
        result_.latency.add(monotonic_ns() - c.login.meant_ns);
    }
    std::string farewell;
    mqtt::encode_disconnect(0, version_, farewell);
    // twelve bytes at most, into a socket that has just been written empty
    (void)::send(c.socket, farewell.data(), farewell.size(), MSG_NOSIGNAL);
    close(c);
    c.failures = 0;
    return;
  }
  if (options_.mode == Mode::publish) return on_ready(c);
  c.state = State::subscribing;
  (void)mqtt::encode_subscribe({{c.ack_topic, 0, false}}, ++c.packet_id, version_, c.out);
  mark_dirty(c);
}

void Generator::on_ready(Connection& c) {
  c.state = State::ready;
  c.failures = 0;
  --connecting_;
  ++ready_;
  if (pace_) return;
  while (c.under_way.size() < options_.window && may_begin()) say(c, monotonic_ns());
}

}  // namespace xgate::benchmarks
