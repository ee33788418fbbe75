// SPDX-License-Identifier: Apache-2.0
#include "fakes/mqtt_peer.hpp"

#include <cctype>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xgate::fakes {
namespace {

constexpr int deadline_ms = 20000;

std::string hex(std::string_view data) {
  std::string text;
  for (const char c : data) {
    const auto byte = static_cast<unsigned char>(c);
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
    text += ' ';
  }
  return text;
}

bool wait_readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, deadline_ms) == 1;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

}  // namespace

std::string bytes(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  std::string data;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    data += static_cast<char>(digit(digits[i]) * 16 + digit(digits[i + 1]));
  return data;
}

MqttPeer::MqttPeer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener_, generic, size), 0);
  EXPECT_EQ(::listen(listener_, 8), 0);
  EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
}

MqttPeer::~MqttPeer() {
  join();
  close();
  refuse_connections();
}

void MqttPeer::play(std::function<void(MqttPeer&)> script) {
  thread_ = std::thread([this, script = std::move(script)] {
    script(*this);
    close();
  });
}

void MqttPeer::join() {
  if (thread_.joinable()) thread_.join();
}

void MqttPeer::accept() {
  close();
  ASSERT_TRUE(wait_readable(listener_)) << "nobody connected";
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  ASSERT_GE(connection_, 0);
  const int at_once = 1;
  ::setsockopt(connection_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
}

std::string MqttPeer::receive(std::size_t size) {
  std::string data(size, '\0');
  std::size_t got = 0;
  while (got < size && connection_ >= 0 && wait_readable(connection_)) {
    const ssize_t n = ::recv(connection_, data.data() + got, size - got, 0);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  data.resize(got);
  return data;
}

void MqttPeer::expect(std::string_view expected) {
  EXPECT_EQ(hex(receive(expected.size())), hex(expected));
}

std::string MqttPeer::receive_packet() {
  std::string packet = receive(2);
  std::size_t length = 0;
  for (int shift = 0; packet.size() >= 2; shift += 7) {
    const auto byte = static_cast<unsigned char>(packet.back());
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
    packet += receive(1);
  }
  return packet + receive(length);
}

void MqttPeer::expect_end() { EXPECT_EQ(hex(receive(1)), "") << "the client should have closed"; }

void MqttPeer::send(std::string_view data) {
  while (!data.empty()) {
    pollfd wanted{connection_, POLLOUT, 0};
    ASSERT_EQ(::poll(&wanted, 1, deadline_ms), 1) << "the client does not read";
    const ssize_t n = ::send(connection_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) return;  // the client has gone: what is expected next will tell
    data.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t MqttPeer::send_until_full(std::string_view data) {
  std::size_t sent = 0;
  while (sent < data.size()) {
    const ssize_t n =
        ::send(connection_, data.data() + sent, data.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void MqttPeer::close() {
  if (connection_ >= 0) ::close(std::exchange(connection_, -1));
}

void MqttPeer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void MqttPeer::refuse_connections() {
  if (listener_ >= 0) ::close(std::exchange(listener_, -1));
}

}  // namespace xgate::fakes
