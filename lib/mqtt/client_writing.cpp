// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "mqtt/client_impl.hpp"

namespace xgate::mqtt {
namespace {

constexpr std::size_t kept_capacity = std::size_t{1} << 20;  ///< of an empty write buffer
constexpr int quota_exceeded = 0x97;

}  // namespace

void Client::Impl::publish(Publish message, Done done) {
  const ConnectionPtr c = connection_;
  message.qos = std::clamp(message.qos, 0, 1);
  if (state_ != State::connected || (message.qos > 0 && !c->qos1_available) ||
      (message.retain && !c->retain_available))
    return fail_later(std::move(done));
  if (message.qos == 0 || (c->held.empty() && c->inflight.size() < c->receive_maximum))
    return send_publish(c, message, std::move(done));
  c->held.push_back({std::move(message), std::move(done)});
  c->held_bytes += c->held.back().size();
}

void Client::Impl::send_publish(const ConnectionPtr& c, const Publish& message, Done done) {
  const std::uint16_t id = message.qos > 0 ? c->new_packet_id() : 0;
  const std::size_t before = c->queued.size();
  const Encoded encoded = encode_publish(message, id, options_.version, c->queued);
  if (!encoded || c->queued.size() - before > c->maximum_packet_size) {
    c->queued.resize(before);
    return fail_later(std::move(done));
  }
  if (id != 0) {
    c->inflight.emplace(id, std::move(done));
  } else if (done) {
    c->queued_dones.push_back(std::move(done));
  }
  flush_soon(c);
}

void Client::Impl::on_puback(const ConnectionPtr& c, const Puback& puback) {
  const auto found = c->inflight.find(puback.packet_id);
  if (found == c->inflight.end()) return;
  const Done done = std::move(found->second);
  c->inflight.erase(found);
  release_held(c);
  if (done) done(puback.reason_code < 0x80);
}

void Client::Impl::release_held(const ConnectionPtr& c) {
  while (!c->held.empty() && c->inflight.size() < c->receive_maximum) {
    HeldPublish held = std::move(c->held.front());
    c->held.pop_front();
    c->held_bytes -= held.size();
    send_publish(c, held.message, std::move(held.done));
  }
}

void Client::Impl::fail_later(Done done) {
  if (!done) return;
  boost::asio::post(executor_, [self = shared_from_this(), run = run_, done = std::move(done)] {
    if (self->run_ == run && !self->abandoned_) done(false);
  });
}

void Client::Impl::subscribe(const std::vector<Subscription>& subscriptions) {
  if (state_ != State::connected) return;
  const ConnectionPtr c = connection_;
  int refusal = quota_exceeded;
  if (c->requests.size() < requests_limit) {
    const std::uint16_t id = c->new_packet_id();
    if (encode_subscribe(subscriptions, id, options_.version, c->queued)) {
      c->requests.insert(id);
      return flush_soon(c);
    }
    refusal = 0x8f;  // topic filter invalid
  }
  boost::asio::post(executor_, [self = shared_from_this(), run = run_,
                                codes = std::vector<int>(subscriptions.size(), refusal)] {
    if (self->run_ == run && self->handlers_.on_subscribed) self->handlers_.on_subscribed(codes);
  });
}

void Client::Impl::unsubscribe(const std::vector<std::string>& filters) {
  if (state_ != State::connected || connection_->requests.size() >= requests_limit) return;
  const ConnectionPtr c = connection_;
  const std::uint16_t id = c->new_packet_id();
  if (!encode_unsubscribe(filters, id, options_.version, c->queued)) return;
  c->requests.insert(id);
  flush_soon(c);
}

/// Posted, so that all that one callback queues leaves in one write.
void Client::Impl::flush_soon(const ConnectionPtr& c) {
  if (c->flush_posted || !c->writing.empty()) return;
  c->flush_posted = true;
  boost::asio::post(executor_, [self = shared_from_this(), c] {
    c->flush_posted = false;
    if (self->is_current(c)) self->flush(c);
  });
}

void Client::Impl::flush(const ConnectionPtr& c) {
  if (!c->writing.empty() || c->queued.empty()) return;
  c->writing.swap(c->queued);
  c->writing_dones.swap(c->queued_dones);
  c->stream->write(c->writing,
                   [self = shared_from_this(), c](const std::string& error, std::size_t) {
                     if (self->is_current(c)) self->on_written(c, error);
                   });
}

void Client::Impl::on_written(const ConnectionPtr& c, const std::string& error) {
  if (!error.empty()) return state_ == State::draining ? finish_stop() : lost(error);
  c->writing.clear();
  if (c->writing.capacity() > kept_capacity) c->writing.shrink_to_fit();
  const auto dones = std::exchange(c->writing_dones, {});
  flush(c);
  if (state_ == State::draining && c->writing.empty()) c->stream->shutdown_write();
  const std::uint64_t run = run_;
  for (const Done& done : dones)
    if (run_ == run) done(true);
}

std::size_t Client::Impl::write_backlog_bytes() const noexcept {
  const ConnectionPtr& c = connection_;
  return c ? c->queued.size() + c->writing.size() + c->held_bytes : 0;
}

}  // namespace xgate::mqtt
