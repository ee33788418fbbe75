// SPDX-License-Identifier: Apache-2.0
// xgate-echo: the service's own path from the broker and back to it (ingest::Link, lib/mqtt, one
// network thread) with nothing between: every report is answered Code 200 as soon as it is read,
// unchecked and unstored. What the service achieves beside it is what storing costs.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/prctl.h>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/link.hpp"

namespace {

using namespace xgate;

constexpr std::size_t in_flight = 5000;  // as the service asks of the broker

ingest::Outbound answer(const ingest::Received& received) {
  ingest::Outbound out;
  out.acks.push_back(received.token);
  const auto topic = protocol::parse_topic(received.message.topic);
  if (!topic) return out;
  const protocol::TopicRow& row = protocol::row_of(topic->name);
  if (!row.ack || row.header_ctrls.empty()) return out;
  mqtt::Publish reply;
  reply.topic = protocol::build_topic(*row.ack, topic->device, topic->identifier);
  auto id = protocol::find_scalar(received.message.payload, "MessageId");
  reply.payload =
      protocol::build_ack(protocol::MessageId::of_text(std::move(id)), row.header_ctrls.front());
  out.publishes.push_back(std::move(reply));
  return out;
}

ingest::Link::Options link_options(const char* port, const std::string& password) {
  mqtt::ClientOptions client;
  client.port = static_cast<std::uint16_t>(std::atoi(port));
  client.client_id = "xgate-local-uplinks";
  client.username = "xgate-service";
  client.password = password;
  client.clean_start = false;
  client.session_expiry_s = 3600;
  client.receive_maximum = in_flight;
  client.keepalive = std::chrono::seconds(60);
  client.ping_timeout = client.keepalive;
  return {.name = "echo",
          .client = std::move(client),
          .subscriptions = {{"/sys/+/+/+/#", 1, true}},
          .on_state =
              [](bool up) {
                if (up) std::puts("listening");
                std::fflush(stdout);
              },
          .on_message = {},
          .room = [] { return true; },
          .clock = [] { return std::int64_t{0}; }};
}

}  // namespace

/// xgate-echo PORT PASSWORD_FILE
int main(int argc, char** argv) {
  constexpr int wanted = 3;
  if (argc != wanted) {
    std::fputs("xgate-echo PORT PASSWORD_FILE: answers every report at once, for ./bench\n",
               stderr);
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    std::string password;
    std::getline(std::ifstream(argv[2]) >> std::ws, password);
    boost::asio::io_context io(1);
    ingest::Link* to = nullptr;
    auto options = link_options(argv[1], password);
    // posted, as the service's workers do
    options.on_message = [&to](const ingest::Received& received) {
      to->post(answer(received));
      return false;
    };
    ingest::Link link(io, std::move(options));
    to = &link;
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
    link.connect();
    io.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "xgate-echo: %s\n", error.what());
    return 1;
  }
}
