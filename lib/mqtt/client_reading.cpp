// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <boost/asio/post.hpp>

#include "mqtt/client_impl.hpp"
#include "mqtt/reason.hpp"

namespace xgate::mqtt {

void Client::Impl::read(const ConnectionPtr& c) {
  if (c->reading) return;
  c->reading = true;
  c->stream->read_some(c->decoder.prepare(options_.read_size),
                       [self = shared_from_this(), c](const std::string& error, std::size_t size) {
                         c->reading = false;
                         if (self->is_current(c)) self->on_read(c, error, size);
                       });
}

void Client::Impl::on_read(const ConnectionPtr& c, const std::string& error, std::size_t size) {
  if (state_ == State::draining) {
    if (!error.empty()) return finish_stop();
    return read(c);  // what still arrives is not ours to acknowledge any more
  }
  if (!error.empty()) return lost(error);
  c->heard = true;
  c->decoder.commit(size);
  process(c);
}

void Client::Impl::process(const ConnectionPtr& c) {
  c->processing = true;
  while (is_current(c) && state_ != State::draining) {
    // CONNACK is read even while paused, or a reconnect could not end.
    if (paused_ && state_ == State::connected) break;
    auto packet = c->decoder.next();
    if (!packet) {
      break_off(c, packet.error());
      break;
    }
    if (!*packet) {
      read(c);
      break;
    }
    handle(c, **packet);
  }
  c->processing = false;
}

void Client::Impl::resume_reading() {
  paused_ = false;
  const ConnectionPtr c = connection_;
  if (!c || state_ != State::connected) return;
  c->heard = true;  // nothing could be heard: judge the broker by the next ping
  if (c->processing || c->reading) return;
  boost::asio::post(executor_, [self = shared_from_this(), c] {
    if (self->is_current(c) && !c->processing && !c->reading) self->process(c);
  });
}

void Client::Impl::handle(const ConnectionPtr& c, Packet& packet) {
  if (auto* connack = std::get_if<Connack>(&packet); connack || state_ == State::connecting) {
    if (!connack) return break_off(c, {0x82, "another packet came before CONNACK"});
    if (state_ == State::connected) return break_off(c, {0x82, "CONNACK came twice"});
    return on_connack(c, *connack);
  }
  if (auto* delivery = std::get_if<Delivery>(&packet)) return on_delivery(c, *delivery);
  if (auto* puback = std::get_if<Puback>(&packet)) return on_puback(c, *puback);
  if (auto* pubrel = std::get_if<Pubrel>(&packet)) {
    c->exactly_once.reset(pubrel->packet_id);
    encode_pubcomp(pubrel->packet_id, c->queued);
    return flush_soon(c);
  }
  if (auto* suback = std::get_if<Suback>(&packet)) {
    if (c->requests.erase(suback->packet_id) > 0 && handlers_.on_subscribed)
      handlers_.on_subscribed(suback->reason_codes);
    return;
  }
  if (auto* unsuback = std::get_if<Unsuback>(&packet)) {
    c->requests.erase(unsuback->packet_id);
    return;
  }
  if (auto* disconnect = std::get_if<Disconnect>(&packet)) {
    std::string reason = "the broker ended it: " + reason_text(disconnect->reason_code);
    if (!disconnect->properties.reason_string.empty())
      reason += ": " + disconnect->properties.reason_string;
    lost(reason, disconnect->reason_code);
  }
}

void Client::Impl::on_delivery(const ConnectionPtr& c, Delivery& delivery) {
  const std::uint16_t id = delivery.packet_id;
  if (delivery.publish.qos == 2) {
    if (c->exactly_once.test(id)) return;
    c->exactly_once.set(id);
  }
  if (id != 0) c->unacknowledged.set(id);
  if (handlers_.on_publish) handlers_.on_publish(std::move(delivery.publish), {c->number, id});
}

void Client::Impl::acknowledge(AckToken token) {
  const ConnectionPtr& c = connection_;
  if (state_ != State::connected || token.connection != c->number || token.packet_id == 0) return;
  if (!c->unacknowledged.test(token.packet_id)) return;
  c->unacknowledged.reset(token.packet_id);
  if (c->exactly_once.test(token.packet_id)) {
    encode_pubrec(token.packet_id, c->queued);
  } else {
    encode_puback(token.packet_id, c->queued);
  }
  flush_soon(c);
}

}  // namespace xgate::mqtt
