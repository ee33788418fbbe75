// SPDX-License-Identifier: Apache-2.0
#include "mqtt/client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "fakes/mqtt_peer.hpp"

namespace xgate::mqtt {
namespace {

using fakes::bytes;
using fakes::MqttPeer;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string connack = bytes("20 03 00 00 00");          // success, no session
const std::string connack_session = bytes("20 03 01 00 00");  // success, session present
const std::string disconnect = bytes("e0 00");
const std::string publish_a1 = bytes("32 07 0001 61 0001 00 78");  // "a" ← "x", QoS 1, id 1
const std::string publish_a2 = bytes("32 07 0001 61 0002 00 79");
const std::string marker = bytes("30 05 0001 6d 00 21");  // "m" ← "!", QoS 0

/// Runs one client against one peer in this thread, until the client has stopped.
class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    options_.port = peer_.port();
    options_.client_id = "c";
    options_.keepalive = milliseconds(0);
    options_.backoff_min = milliseconds(1);
    options_.backoff_max = milliseconds(2);
    options_.connect_timeout = milliseconds(10000);
    options_.stop_timeout = milliseconds(10000);
    handlers_.on_disconnected = [this](const std::string& reason, int code) {
      reasons_.push_back(reason);
      codes_.push_back(code);
      if (!options_.reconnect) stop();
    };
  }

  Client& client() {
    if (!client_) client_ = std::make_unique<Client>(io_.get_executor(), options_, handlers_);
    return *client_;
  }

  void stop() {
    client().stop([this] { ended(); });
  }
  void ended() {
    stopped_ = true;
    work_.reset();
  }

  void run(std::function<void(MqttPeer&)> script) {
    peer_.play(std::move(script));
    client().start();
    io_.run_for(std::chrono::seconds(20));
    peer_.join();
    EXPECT_TRUE(stopped_) << "the client did not stop";
  }

  void post(std::function<void()> function) { boost::asio::post(io_, std::move(function)); }
  void send_marker() { client().publish({"m", "!", 0, false, false, {}}); }

  boost::asio::io_context io_;
  /// A client that is paused waits for nothing, and is not at its end.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  MqttPeer peer_;
  ClientOptions options_;
  Client::Handlers handlers_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> reasons_;
  std::vector<int> codes_;
  bool stopped_ = false;
};

TEST_F(ClientTest, connects_with_its_options_and_disconnects_cleanly) {
  options_.username = "u";
  options_.password = "p";
  options_.clean_start = false;
  options_.session_expiry_s = 3600;
  options_.receive_maximum = 100;
  options_.maximum_packet_size = 1000;
  options_.keepalive = milliseconds(29001);
  handlers_.on_connected = [this](bool session_present) {
    EXPECT_FALSE(session_present);
    EXPECT_TRUE(client().connected());
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.expect(
        bytes("10 21 0004 4d515454 05 c0 001e 0d 11 00000e10 21 0064 27 000003e8"
              "0001 63 0001 75 0001 70"));
    peer.send(connack);
    peer.expect(disconnect);
    peer.expect_end();
  });
  EXPECT_FALSE(client().connected());
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, authenticates_as_told_until_told_otherwise) {
  options_.authentication_method = "m";
  options_.authentication_data = "in";
  options_.receive_maximum = 0;
  handlers_.on_connected = [this](bool) {
    EXPECT_EQ(client().authentication_answer(), codes_.empty() ? "out" : "");
    if (!codes_.empty()) stop();
  };
  handlers_.on_disconnected = [this](const std::string&, int code) {
    codes_.push_back(code);
    client().use_authentication(false);
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.expect(bytes("10 17 0004 4d515454 05 02 0000 09 15 0001 6d 16 0002 696e 0001 63"));
    peer.send(bytes("20 0d 00 00 0a 15 0001 6d 16 0003 6f7574"));
    peer.close();
    peer.accept();
    peer.expect(bytes("10 0e 0004 4d515454 05 02 0000 00 0001 63"));
    peer.send(connack);
    peer.expect(disconnect);
    peer.expect_end();
  });
}

/// Of the connection to that port: an option's value, or -1 where there is no such connection.
int tcp_option_towards(std::uint16_t port, int name) {
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    int value = -1;
    size = sizeof value;
    return ::getsockopt(descriptor, IPPROTO_TCP, name, &value, &size) == 0 ? value : -1;
  }
  return -1;
}

TEST_F(ClientTest, notices_within_seconds_that_the_other_side_is_gone_unseen) {
  int idle = 0;
  int every = 0;
  int count = 0;
  int unanswered_ms = 0;
  handlers_.on_connected = [&](bool) {
    idle = tcp_option_towards(peer_.port(), TCP_KEEPIDLE);
    every = tcp_option_towards(peer_.port(), TCP_KEEPINTVL);
    count = tcp_option_towards(peer_.port(), TCP_KEEPCNT);
    unanswered_ms = tcp_option_towards(peer_.port(), TCP_USER_TIMEOUT);
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(disconnect);
    peer.expect_end();
  });
  EXPECT_GT(idle, 0);
  EXPECT_LE(idle, 5);
  EXPECT_LE(idle + every * count, 30);
  EXPECT_EQ(unanswered_ms, 30'000);
}

TEST_F(ClientTest, speaks_mqtt_3_1_1) {
  options_.version = Version::v311;
  options_.username = "u";
  handlers_.on_connected = [this](bool session_present) {
    EXPECT_TRUE(session_present);
    client().subscribe({{"a/#", 1, true}});
    client().publish({"a", "x", 0, false, false, {{"ignored", "in 3.1.1"}}});
  };
  handlers_.on_subscribed = [this](const std::vector<int>& codes) {
    EXPECT_THAT(codes, ElementsAre(1));
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.expect(bytes("10 10 0004 4d515454 04 82 0000 0001 63 0001 75"));
    peer.send(bytes("20 02 01 00"));
    peer.expect(bytes("82 08 0001 0003 612f23 01"));
    peer.expect(bytes("30 04 0001 61 78"));
    peer.send(bytes("90 03 0001 01"));
    peer.expect(disconnect);
  });
}

TEST_F(ClientTest, sends_a_will) {
  options_.will = Publish{"w", "gone", 1, true, false, {{"k", "v"}}};
  handlers_.on_connected = [this](bool) { stop(); };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.expect(
        bytes("10 22 0004 4d515454 05 2e 0000 03 21 ffff 0001 63"
              "07 26 0001 6b 0001 76 0001 77 0004 676f6e65"));
    peer.send(connack);
    peer.receive_packet();
  });
}

TEST_F(ClientTest, tells_why_a_login_was_refused) {
  options_.reconnect = false;
  options_.password = "very secret";
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 08 00 87 05 1f 0002 6e6f"));  // not authorized, reason string "no"
    peer.expect_end();
  });
  ASSERT_THAT(codes_, ElementsAre(0x87));
  EXPECT_THAT(reasons_[0], HasSubstr("not authorized (reason code 135): no"));
  EXPECT_THAT(reasons_[0], HasSubstr(std::to_string(peer_.port())));
  EXPECT_THAT(reasons_[0], Not(HasSubstr("secret")));
}

TEST_F(ClientTest, tells_the_codes_of_mqtt_3_1_1) {
  options_.reconnect = false;
  options_.version = Version::v311;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 02 00 05"));
  });
  ASSERT_THAT(codes_, ElementsAre(5));
  EXPECT_THAT(reasons_[0], HasSubstr("not authorized (reason code 5)"));
}

TEST_F(ClientTest, an_old_broker_may_refuse_mqtt_5_in_its_own_words) {
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 02 00 01"));
  });
  EXPECT_THAT(codes_, ElementsAre(1));
}

TEST_F(ClientTest, tells_that_nobody_listens) {
  options_.reconnect = false;
  peer_.refuse_connections();
  run([](MqttPeer&) {});
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_THAT(reasons_[0], HasSubstr("cannot connect to 127.0.0.1"));
  EXPECT_THAT(reasons_[0], HasSubstr("refused"));
}

TEST_F(ClientTest, gives_up_on_a_peer_that_never_answers) {
  options_.reconnect = false;
  options_.connect_timeout = milliseconds(20);
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.expect_end();
  });
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_THAT(reasons_[0], HasSubstr("no answer within 20 ms"));
}

TEST_F(ClientTest, a_will_that_cannot_be_encoded_is_an_error_and_not_a_packet) {
  options_.reconnect = false;
  options_.will = Publish{"w/#", "", 0, false, false, {}};
  run([](MqttPeer& peer) {
    peer.accept();
    peer.expect_end();
  });
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_THAT(reasons_[0], HasSubstr("wildcard"));
}

TEST_F(ClientTest, acknowledges_only_when_told_to_and_once) {
  std::vector<AckToken> tokens;
  handlers_.on_publish = [&](const Publish& publish, AckToken token) {
    tokens.push_back(token);
    EXPECT_EQ(publish.qos, 1);
    // The marker shows the peer that no PUBACK came before it.
    if (tokens.size() == 2) send_marker();
    if (publish.topic != "go") return;
    client().acknowledge(tokens[1]);
    client().acknowledge(tokens[1]);
    client().acknowledge(tokens[0]);
    client().acknowledge({tokens[0].connection, 77});
    client().acknowledge({tokens[0].connection, 0});
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1 + publish_a2);
    peer.expect(marker);
    peer.send(bytes("32 07 0002 676f 0003 00"));
    peer.expect(bytes("40 02 0002") + bytes("40 02 0001"));
    peer.expect(disconnect);
    peer.expect_end();
  });
}

TEST_F(ClientTest, a_token_of_an_earlier_connection_acknowledges_nothing) {
  std::vector<AckToken> tokens;
  handlers_.on_publish = [&](const Publish& publish, AckToken token) {
    tokens.push_back(token);
    if (tokens.size() < 2) return;
    EXPECT_TRUE(publish.dup);
    client().acknowledge(tokens[0]);
    send_marker();
    client().acknowledge(tokens[1]);
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1);
    peer.close();
    peer.accept();
    peer.receive_packet();
    peer.send(connack_session + bytes("3a 07 0001 61 0001 00 78"));
    peer.expect(marker);
    peer.expect(bytes("40 02 0001"));
    peer.expect(disconnect);
  });
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_NE(tokens[0].connection, tokens[1].connection);
}

TEST_F(ClientTest, thousands_of_acknowledgements_leave_in_order) {
  constexpr int count = 5000;
  std::vector<AckToken> tokens;
  handlers_.on_publish = [&](const Publish&, AckToken token) {
    tokens.push_back(token);
    if (tokens.size() < count) return;
    for (const AckToken& each : tokens) client().acknowledge(each);
    EXPECT_EQ(client().write_backlog_bytes(), 4U * count);
    stop();
  };
  std::string publishes;
  std::string acks;
  for (int id = 1; id <= count; ++id) {
    const char packet_id[] = {static_cast<char>(id >> 8), static_cast<char>(id & 0xff)};
    publishes += bytes("32 06 0001 61") + std::string(packet_id, 2) + std::string(1, '\0');
    acks += bytes("40 02") + std::string(packet_id, 2);
  }
  run([&](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publishes);
    peer.expect(acks);
    peer.expect(disconnect);
  });
}

TEST_F(ClientTest, a_publish_of_qos_1_is_delivered_at_its_puback) {
  std::vector<bool> delivered;
  handlers_.on_connected = [&](bool) {
    client().publish({"a", "x", 1, false, false, {{"k", "v"}}},
                     [&](bool ok) { delivered.push_back(ok); });
    client().publish({"a", "y", 1, false, false, {}}, [&](bool ok) {
      delivered.push_back(ok);
      stop();
    });
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(bytes("32 0e 0001 61 0001 07 26 0001 6b 0001 76 78"));
    peer.expect(bytes("32 07 0001 61 0002 00 79"));
    peer.send(bytes("40 02 0001") + bytes("40 03 0002 87"));  // the second is not authorized
    peer.expect(disconnect);
  });
  EXPECT_THAT(delivered, ElementsAre(true, false));
}

TEST_F(ClientTest, what_is_not_settled_when_the_connection_ends_is_told_false) {
  std::vector<bool> delivered;
  handlers_.on_connected = [&](bool) {
    client().publish({"a", "x", 1, false, false, {}}, [&](bool ok) { delivered.push_back(ok); });
    client().publish({"a", "held", 1, false, false, {}}, [&](bool ok) { delivered.push_back(ok); });
  };
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 06 00 00 03 21 0001"));
    peer.expect(bytes("32 07 0001 61 0001 00 78"));
    peer.reset();
  });
  EXPECT_THAT(delivered, ElementsAre(false, false));
  EXPECT_EQ(reasons_.size(), 1U);
}

TEST_F(ClientTest, publishes_keep_to_the_brokers_receive_maximum) {
  int delivered = 0;
  handlers_.on_connected = [&](bool) {
    for (const char* text : {"1", "2", "3"})
      client().publish({"a", text, 1, false, false, {}}, [&](bool ok) {
        EXPECT_TRUE(ok);
        if (++delivered == 3) stop();
      });
    EXPECT_GT(client().write_backlog_bytes(), 0U);
    send_marker();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 06 00 00 03 21 0002"));
    peer.expect(bytes("32 07 0001 61 0001 00 31") + bytes("32 07 0001 61 0002 00 32"));
    peer.expect(marker);  // QoS 0 does not wait, and the third does
    peer.send(bytes("40 02 0002"));
    peer.expect(bytes("32 07 0001 61 0003 00 33"));
    peer.send(bytes("40 02 0001") + bytes("40 02 0003"));
    peer.expect(disconnect);
  });
  EXPECT_EQ(delivered, 3);
}

TEST_F(ClientTest, what_cannot_be_sent_is_told_false_and_sends_nothing) {
  std::vector<bool> delivered;
  const auto note = [&](bool ok) { delivered.push_back(ok); };
  handlers_.on_connected = [&](bool) {
    client().publish({"a/+", "", 0, false, false, {}}, note);
    client().publish({std::string(70000, 'a'), "", 1, false, false, {}}, note);
    client().publish({"a", std::string(200, 'x'), 1, false, false, {}}, note);  // too large
    client().publish({"a", "", 0, true, false, {}}, note);                      // retained
    EXPECT_TRUE(delivered.empty()) << "done ran inside publish()";
    client().publish({"m", "!", 0, false, false, {}}, [&](bool ok) {
      note(ok);
      stop();
    });
  };
  client().publish({"before", "", 0, false, false, {}}, note);  // not even started
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 0a 00 00 07 27 00000064 25 00"));  // ≤ 100 bytes, nothing retained
    peer.expect(marker);
    peer.expect(disconnect);
  });
  EXPECT_THAT(delivered, ElementsAre(false, false, false, false, true));
}

TEST_F(ClientTest, comes_back_again_and_again_until_it_is_let_in) {
  int connected = 0;
  handlers_.on_connected = [&](bool session_present) {
    ++connected;
    EXPECT_TRUE(session_present);
    stop();
  };
  run([](MqttPeer& peer) {
    for (const char* refusal : {"20 03 00 88 00", "20 03 00 89 00", "20 03 00 97 00"}) {
      peer.accept();
      peer.receive_packet();
      peer.send(bytes(refusal));
      peer.expect_end();
    }
    peer.accept();
    peer.receive_packet();
    peer.send(connack_session);
    peer.expect(disconnect);
  });
  EXPECT_EQ(connected, 1);
  EXPECT_THAT(codes_, ElementsAre(0x88, 0x89, 0x97));
}

TEST_F(ClientTest, tells_why_the_broker_ended_the_connection) {
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + bytes("e0 01 8e"));
    peer.expect_end();
  });
  ASSERT_THAT(codes_, ElementsAre(0x8e));
  EXPECT_THAT(reasons_[0], HasSubstr("session taken over"));
}

TEST_F(ClientTest, paused_delivers_nothing_and_resumed_everything) {
  std::string received;
  handlers_.on_publish = [&](const Publish& publish, AckToken) {
    received += publish.payload;
    if (received == "x") {
      client().pause_reading();
      // All that the first read brought is decoded before this runs, unless reading is paused.
      post([&] {
        EXPECT_EQ(received, "x");
        client().resume_reading();
      });
    }
    if (received == "xyx") stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1 + publish_a2);
    peer.send(bytes("32 07 0001 61 0003 00 78"));
    peer.expect(disconnect);
  });
  EXPECT_EQ(received, "xyx");
}

TEST_F(ClientTest, pausing_fills_the_sockets_until_the_broker_must_wait) {
  constexpr int count = 400;  // 26 MB: more than two sockets hold
  int received = 0;
  bool paused = false;
  handlers_.on_connected = [&](bool) {
    paused = true;
    client().pause_reading();
    send_marker();
  };
  handlers_.on_publish = [&](const Publish& publish, AckToken) {
    EXPECT_FALSE(paused);
    EXPECT_EQ(publish.payload.size(), 65535U - 4);
    if (++received == count) stop();
  };
  run([&](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(marker);
    const std::string one = bytes("30 ffff03 0001 61 00") + std::string(65535 - 4, 'x');
    std::string all;
    for (int i = 0; i < count; ++i) all += one;
    const std::size_t taken = peer.send_until_full(all);
    EXPECT_LT(taken, all.size()) << "the client read on";
    post([&] {
      paused = false;
      client().resume_reading();
    });
    peer.send(std::string_view(all).substr(taken));
    peer.expect(disconnect);
  });
  EXPECT_EQ(received, count);
}

TEST_F(ClientTest, a_pause_outlasts_a_reconnect) {
  int connected = 0;
  bool paused = true;
  handlers_.on_connected = [&](bool) {
    if (++connected < 2) return;
    post([&] {
      paused = false;
      client().resume_reading();
    });
  };
  handlers_.on_publish = [&](const Publish&, AckToken) {
    EXPECT_FALSE(paused);
    stop();
  };
  handlers_.on_disconnected = [&](const std::string&, int) { client().pause_reading(); };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.close();
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1);
    peer.expect(disconnect);
  });
  EXPECT_EQ(connected, 2);
}

TEST_F(ClientTest, pings_and_lives_while_the_broker_answers) {
  options_.keepalive = milliseconds(500);  // also how long the answer may take on a busy machine
  handlers_.on_publish = [&](const Publish&, AckToken) { stop(); };
  run([](MqttPeer& peer) {
    peer.accept();
    EXPECT_EQ(peer.receive_packet().substr(10, 2), bytes("0001"));  // told in whole seconds
    peer.send(connack);
    for (int i = 0; i < 3; ++i) {
      peer.expect(bytes("c0 00"));
      peer.send(bytes("d0 00"));
    }
    peer.send(publish_a1);
    while (peer.receive_packet() == bytes("c0 00")) peer.send(bytes("d0 00"));
  });
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, loses_a_broker_that_answers_no_ping) {
  options_.keepalive = milliseconds(20);
  options_.ping_timeout = milliseconds(10);
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(bytes("c0 00"));
    peer.expect_end();
  });
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_THAT(reasons_[0], HasSubstr("no answer to PINGREQ"));
}

TEST_F(ClientTest, a_broker_is_not_judged_while_reading_is_paused) {
  options_.keepalive = milliseconds(4);
  options_.ping_timeout = milliseconds(1);
  handlers_.on_connected = [this](bool) { client().pause_reading(); };
  bool ended = false;
  run([&](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    for (int i = 0; i < 4; ++i) peer.expect(bytes("c0 00"));  // never answered
    post([&] {
      EXPECT_TRUE(client().connected());
      ended = true;
      stop();
    });
    while (peer.receive_packet() == bytes("c0 00")) continue;
  });
  EXPECT_TRUE(ended);
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, garbage_ends_the_connection_with_a_reason) {
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + bytes("36 07 0001 61 0001 00 78"));  // QoS 3
    peer.expect(bytes("e0 01 81"));
    peer.expect_end();
  });
  ASSERT_EQ(reasons_.size(), 1U);
  EXPECT_THAT(reasons_[0], HasSubstr("QoS 3"));
}

TEST_F(ClientTest, nothing_may_come_before_connack) {
  options_.reconnect = false;
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(publish_a1);
    peer.expect(bytes("e0 01 82"));
    peer.expect_end();
  });
  EXPECT_EQ(reasons_.size(), 1U);
}

TEST_F(ClientTest, qos_2_is_delivered_once_and_released_when_acknowledged) {
  int received = 0;
  handlers_.on_publish = [&](const Publish& publish, AckToken token) {
    if (publish.topic == "go") return stop();
    ++received;
    client().acknowledge(token);
  };
  run([](MqttPeer& peer) {
    const std::string twice = bytes("34 07 0001 61 0001 00 78");
    peer.accept();
    peer.receive_packet();
    peer.send(connack + twice + twice);
    peer.expect(bytes("50 02 0001"));
    peer.send(bytes("62 02 0001"));
    peer.expect(bytes("70 02 0001"));
    peer.send(bytes("30 05 0002 676f 00"));
    peer.expect(disconnect);
  });
  EXPECT_EQ(received, 1);
}

TEST_F(ClientTest, a_subscription_that_cannot_be_sent_is_refused) {
  handlers_.on_connected = [this](bool) { client().subscribe({{"", 1, false}}); };
  handlers_.on_subscribed = [this](const std::vector<int>& codes) {
    EXPECT_THAT(codes, ElementsAre(0x8f));
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(disconnect);
  });
}

TEST_F(ClientTest, unsubscribes) {
  handlers_.on_connected = [this](bool) {
    client().unsubscribe({"a/#", "b"});
    client().subscribe({{"c", 0, true}});
  };
  handlers_.on_subscribed = [this](const std::vector<int>&) { stop(); };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(bytes("a2 0b 0001 00 0003 612f23 0001 62"));
    peer.expect(bytes("82 07 0002 00 0001 63 04"));
    peer.send(bytes("b0 05 0001 00 00 11") + bytes("90 04 0002 00 00"));
    peer.expect(disconnect);
  });
}

TEST_F(ClientTest, uses_the_id_that_the_broker_assigned) {
  options_.client_id.clear();
  handlers_.on_connected = [this](bool) {
    EXPECT_EQ(client().client_id(), "x9");
    stop();
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(bytes("20 08 00 00 05 12 0002 7839"));
    peer.expect(disconnect);
  });
}

TEST_F(ClientTest, stops_while_it_waits_for_connack) {
  run([this](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    post([this] { stop(); });
    peer.expect_end();
  });
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, stops_while_it_waits_to_come_back) {
  options_.backoff_min = options_.backoff_max = std::chrono::hours(1);
  peer_.refuse_connections();
  handlers_.on_disconnected = [this](const std::string&, int) { stop(); };
  run([](MqttPeer&) {});
}

TEST_F(ClientTest, stops_before_it_was_started) {
  stop();
  io_.run_for(std::chrono::seconds(20));
  EXPECT_TRUE(stopped_);
}

TEST_F(ClientTest, starts_again_after_a_stop) {
  int connected = 0;
  handlers_.on_connected = [&](bool) {
    client().stop([&] {
      if (++connected < 2) return client().start();
      ended();
    });
  };
  run([](MqttPeer& peer) {
    for (int i = 0; i < 2; ++i) {
      peer.accept();
      peer.receive_packet();
      peer.send(connack);
      peer.expect(disconnect);
      peer.expect_end();
    }
  });
  EXPECT_EQ(connected, 2);
}

TEST_F(ClientTest, no_callback_comes_after_stop) {
  int after = 0;
  bool stopping = false;
  std::vector<bool> later;
  handlers_.on_publish = [&](const Publish&, AckToken) {
    if (std::exchange(stopping, true)) ++after;
    client().publish({"a", "x", 1, false, false, {}}, [&](bool) { ++after; });
    stop();
    // Only what is asked for after it is answered.
    client().publish({"a", "x", 1, false, false, {}}, [&](bool ok) { later.push_back(ok); });
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1 + publish_a2);
    peer.expect(bytes("32 07 0001 61 0001 00 78") + disconnect);
    peer.send(publish_a2 + bytes("40 02 0001"));
    peer.expect_end();
  });
  EXPECT_EQ(after, 0);
  EXPECT_THAT(later, ElementsAre(false));
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, may_be_destroyed_by_its_own_callback) {
  handlers_.on_publish = [&](const Publish&, AckToken) {
    client_.reset();
    ended();
  };
  peer_.play([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack + publish_a1 + publish_a2);
    peer.expect_end();
  });
  client().start();
  io_.run_for(std::chrono::seconds(20));
  peer_.join();
  EXPECT_TRUE(stopped_);
}

TEST_F(ClientTest, a_callback_at_a_loss_may_stop_before_the_others_are_told) {
  int told = 0;
  handlers_.on_connected = [&](bool) {
    for (int i = 0; i < 3; ++i)
      client().publish({"a", "x", 1, false, false, {}}, [&](bool) {
        ++told;
        stop();
      });
  };
  run([](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.receive_packet();
    peer.reset();
  });
  EXPECT_EQ(told, 1);
  EXPECT_THAT(reasons_, ElementsAre());
}

TEST_F(ClientTest, stop_ends_in_time_although_the_broker_does_not_close) {
  options_.stop_timeout = milliseconds(20);
  handlers_.on_connected = [this](bool) { stop(); };
  bool ended = false;
  run([&](MqttPeer& peer) {
    peer.accept();
    peer.receive_packet();
    peer.send(connack);
    peer.expect(disconnect);
    peer.expect_end();
    ended = true;
  });
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace xgate::mqtt
