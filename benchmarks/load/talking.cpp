// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <string_view>
#include <variant>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "benchmarks/load/generator.hpp"
#include "mqtt/packets.hpp"

namespace xgate::benchmarks {

void Generator::on_event(Connection& c, std::uint32_t events) {
  if (c.socket < 0) return;  // closed in this round
  if (c.state == State::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(c.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lost(c, true);
    if ((events & EPOLLOUT) == 0) return;
    c.state = State::logging_in;
    c.blocked = true;  // EPOLLOUT is asked for: write() takes it back
    return write(c);
  }
  if ((events & EPOLLOUT) != 0) write(c);
  if (c.socket >= 0 && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read(c);
}

void Generator::read(Connection& c) {
  const ssize_t size = ::recv(c.socket, buffer_.data(), buffer_.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return lost(c, c.state != State::ready);
  c.decoder->feed(std::string_view(buffer_.data(), static_cast<std::size_t>(size)));
  while (c.socket >= 0) {
    auto packet = c.decoder->next();
    if (!packet) return lost(c, c.state != State::ready);
    if (!*packet) return;
    handle(c, **packet);
  }
}

void Generator::handle(Connection& c, mqtt::Packet& packet) {
  if (const auto* connack = std::get_if<mqtt::Connack>(&packet)) {
    if (connack->reason_code != 0) return lost(c, true);
    return on_connected(c);
  }
  if (const auto* suback = std::get_if<mqtt::Suback>(&packet)) {
    constexpr int failure = 0x80;
    if (suback->reason_codes.empty() || suback->reason_codes.front() >= failure)
      return lost(c, true);
    return on_ready(c);
  }
  if (const auto* puback = std::get_if<mqtt::Puback>(&packet)) {
    constexpr int failure = 0x80;
    if (options_.mode == Mode::publish) done(c, puback->packet_id, puback->reason_code < failure);
    return;
  }
  if (const auto* delivery = std::get_if<mqtt::Delivery>(&packet)) {
    if (delivery->packet_id != 0) {
      mqtt::encode_puback(delivery->packet_id, c.out);
      mark_dirty(c);
    }
    if (options_.mode == Mode::uplink && delivery->publish.topic == c.ack_topic)
      on_answer(c, delivery->publish.payload);
    return;
  }
  if (std::holds_alternative<mqtt::Disconnect>(packet)) lost(c, false);
}

void Generator::on_answer(Connection& c, const std::string& payload) {
  const Answer answer = read_answer(payload);
  // also where nobody waits for it any more: the platform has said that it is stored
  if (answer.good && answer.message_id != 0) log_.acked(c.name, answer.message_id);
  done(c, answer.message_id, answer.good);
}

void Generator::done(Connection& c, std::uint32_t id, bool good) {
  const auto found = std::ranges::find(c.under_way, id, &Operation::id);
  if (found == c.under_way.end()) return;  // given up before
  const Operation operation = *found;
  c.under_way.erase(found);
  --under_way_;
  ++(good ? result_.counters.acked : result_.counters.refused);
  const std::int64_t now = monotonic_ns();
  if (phase_ == Phase::measured) {
    ++result_.operations;
    if (operation.meant_ns >= phase_began_ns_) result_.latency.add(now - operation.meant_ns);
  }
  if (!pace_ && c.state == State::ready && c.under_way.size() < options_.window && may_begin())
    say(c, now);
}

/// One report or publish, into the connection's buffer.
void Generator::say(Connection& c, std::int64_t meant_ns) {
  if (++c.packet_id == 0) c.packet_id = 1;
  const std::uint32_t message_id = next_message_id_++;
  mqtt::Publish publish;
  publish.topic = c.topic;
  publish.payload = reports_.frame(message_id, c.key, aes_);
  publish.qos = options_.qos;
  if (const auto encoded = mqtt::encode_publish(publish, c.packet_id, version_, c.out); !encoded) {
    problem_ = encoded.error();
    return;
  }
  log_.sent(c.name, message_id);
  ++begun_;
  ++result_.counters.sent;
  const bool awaits_puback = options_.mode == Mode::publish;
  if (awaits_puback && options_.qos == 0) {
    if (phase_ == Phase::measured) ++result_.operations;  // there is nothing to wait for
  } else {
    c.under_way.push_back({.id = awaits_puback ? c.packet_id : message_id,
                           .meant_ns = meant_ns,
                           .begun_ns = now_ns_});
    ++under_way_;
  }
  mark_dirty(c);
}

void Generator::mark_dirty(Connection& c) {
  if (c.dirty) return;
  c.dirty = true;
  dirty_.push_back(&c);
}

/// What the socket takes; for the rest, epoll says when.
void Generator::write(Connection& c) {
  std::size_t gone = 0;
  while (gone < c.out.size()) {
    const ssize_t size = ::send(c.socket, c.out.data() + gone, c.out.size() - gone, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size < 0) return lost(c, c.state != State::ready);
    gone += static_cast<std::size_t>(size);
  }
  c.out.erase(0, gone);
  c.wrote_ns = now_ns_;
  const bool blocked = !c.out.empty();
  if (blocked != c.blocked) watch(c, blocked);
  c.blocked = blocked;
}

void Generator::watch(Connection& c, bool writable) const {
  epoll_event event{.events = EPOLLIN | (writable ? EPOLLOUT : 0U), .data = {.ptr = &c}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, c.socket, &event);
}

}  // namespace xgate::benchmarks
