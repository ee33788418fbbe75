// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/link.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "link/control.hpp"
#include "link/topics.hpp"
#include "service/observe/log.hpp"

namespace xgate::ingest {
namespace {

// A broker that does not take what we send gets no more work from us.
constexpr std::size_t backlog_most = std::size_t{32} * 1024 * 1024;
constexpr std::chrono::milliseconds backlog_look{50};
constexpr int bad_authentication_method = 0x8c;  // MQTT 5
constexpr int session_taken_over = 0x8e;

}  // namespace

Link::Link(boost::asio::io_context& io, Options options)
    : io_(io),
      options_(std::move(options)),
      backlog_timer_(io),
      client_(io.get_executor(), options_.client,
              {.on_connected = [this](bool session_present) { on_connected(session_present); },
               .on_disconnected = [this](const std::string& reason,
                                         int code) { on_disconnected(reason, code); },
               .on_publish =
                   [this](mqtt::Publish message, mqtt::AckToken token) {
                     ack_order_.arrived(token);
                     if (options_.on_message({std::move(message), token, options_.clock()})) {
                       pause();
                     }
                   },
               .on_subscribed = [this](const std::vector<int>& codes) { on_subscribed(codes); }}) {}

void Link::connect() {
  if (!running_ && !draining_) {
    running_ = true;
    client_.start();
  }
}

void Link::disconnect(std::function<void()> done) {
  backlog_timer_.cancel();
  if (!running_) {
    boost::asio::post(io_, std::move(done));
    return;
  }
  running_ = false;
  problem_ = "disconnected";
  options_.on_state(false);
  client_.stop([this, done = std::move(done)] {
    done();
    if (running_) client_.start();  // asked for meanwhile
  });
}

void Link::on_connected(bool session_present) {
  problem_.clear();
  observe::info("{}: connected to {}:{}", observe::Words(options_.name),
                observe::Words(options_.client.host), options_.client.port);
  if (options_.on_connected) {
    options_.on_connected(session_present, client_.authentication_answer());
  }
  // Also on a session that was kept: its subscriptions may be an older version's.
  client_.subscribe(options_.subscriptions);
  paused_ = false;
  look_for_room();
}

void Link::on_subscribed(const std::vector<int>& reason_codes) {
  for (const int code : reason_codes) {
    if (code >= 0x80) {
      problem_ = "the broker refuses to let the service subscribe";
      observe::error("{}: {}: is {} in the plugin's accounts file?", observe::Words(options_.name),
                     observe::Words(problem_), observe::Quoted(options_.client.username));
      return;
    }
  }
  options_.on_state(true);
}

void Link::on_disconnected(const std::string& reason, int reason_code) {
  // A plugin that does not know the method yet, until its broker starts again.
  client_.use_authentication(reason_code != bad_authentication_method);
  if (problem_ != reason) {  // once, not at every attempt
    problem_ = reason;
    observe::warn("{}: {}", observe::Words(options_.name), observe::Words(reason));
  }
  options_.on_state(false);
  if (options_.on_lost) {
    options_.on_lost(reason_code == session_taken_over);
  }
}

void Link::send(Outbound out) {
  for (mqtt::Publish& message : out.publishes) {
    client_.publish(std::move(message));
  }
  for (const mqtt::AckToken token : out.acks) {
    ack_order_.done(token, ready_acks_);
  }
  for (const mqtt::AckToken token : ready_acks_) {
    client_.acknowledge(token);
  }
  ready_acks_.clear();
  if (client_.write_backlog_bytes() > backlog_most && !watching_) {
    watching_ = true;
    pause();
    watch_backlog();
  }
}

void Link::post(Outbound out) {
  boost::asio::post(io_, [this, out = std::move(out)]() mutable { send(std::move(out)); });
}

void Link::post(std::vector<Delivery> deliveries) {
  boost::asio::post(io_, [this, deliveries = std::move(deliveries)]() mutable {
    deliver(std::move(deliveries));
  });
}

/// The broker acknowledges nothing of QoS 0: a mark behind it is acknowledged in its place.
void Link::deliver(std::vector<Delivery> deliveries) {
  std::vector<std::function<void(bool)>> unacknowledged;
  for (Delivery& one : deliveries) {
    if (one.message.qos > 0) {
      client_.publish(std::move(one.message), std::move(one.done));
    } else {
      client_.publish(std::move(one.message));
      unacknowledged.push_back(std::move(one.done));
    }
  }
  if (unacknowledged.empty()) return;
  mqtt::Publish mark;
  mark.topic = link::control_topic;
  mark.payload = link::encode(link::Mark{});
  mark.qos = 1;
  client_.publish(std::move(mark), [dones = std::move(unacknowledged)](bool delivered) {
    for (const auto& done : dones) done(delivered);
  });
}

void Link::pause() {
  if (!paused_) {
    paused_ = true;
    client_.pause_reading();
  }
}

void Link::look_for_room() {
  if (draining_ || watching_ || !options_.room()) {
    return;
  }
  paused_ = false;
  client_.resume_reading();
}

void Link::watch_backlog() {
  backlog_timer_.expires_after(backlog_look);
  backlog_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    if (client_.write_backlog_bytes() > backlog_most / 2) {
      watch_backlog();
      return;
    }
    watching_ = false;
    look_for_room();
  });
}

void Link::stop_reading_for_good() {
  draining_ = true;
  client_.pause_reading();
}

}  // namespace xgate::ingest
