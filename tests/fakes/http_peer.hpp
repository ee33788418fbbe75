// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xgate::fakes {

/// An HTTP/1.1 server on a free loopback port that answers what it is told to, in order, and
/// remembers what it was asked. An answer with status 0 closes the connection instead; after the
/// last answer every request is answered 500.
class HttpPeer {
 public:
  struct Answer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::string headers = {};  ///< further ones, each with its CRLF
  };
  struct Request {
    std::string method;
    std::string target;
    std::string head;  ///< request line and headers
    std::string body;
    int connection = 0;  ///< which connection it came on, from 1
  };

  explicit HttpPeer(std::vector<Answer> answers) : answers_(std::move(answers)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    bind(listener_, generic, size);
    listen(listener_, 8);
    getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpPeer() {
    shutdown(listener_, SHUT_RDWR);
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      if (connection_ >= 0) shutdown(connection_, SHUT_RDWR);
    }
    thread_.join();
    close(listener_);
  }
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (int number = 1;; ++number) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      {
        const std::scoped_lock lock(mutex_);
        if (stopping_) {
          close(connection);
          return;
        }
        connection_ = connection;
      }
      while (answer_one(connection, number)) {
      }
      const std::scoped_lock lock(mutex_);
      connection_ = -1;
      close(connection);
    }
  }

  bool answer_one(int connection, int number) {
    Request request;
    if (!read_request(connection, request)) return false;
    request.connection = number;
    Answer answer{500, "{}"};
    {
      const std::scoped_lock lock(mutex_);
      if (requests_.size() < answers_.size()) answer = answers_[requests_.size()];
      requests_.push_back(request);
    }
    if (answer.status == 0) return false;
    std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " -\r\n";
    if (answer.status != 204) {
      bytes += "Content-Type: " + answer.content_type +
               "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n" +
               answer.headers;
    }
    bytes += "\r\n" + answer.body;
    return send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  static bool receive(int connection, std::string& bytes) {
    std::array<char, 4096> part{};
    const ssize_t size = recv(connection, part.data(), part.size(), 0);
    if (size <= 0) return false;
    bytes.append(part.data(), static_cast<std::size_t>(size));
    return true;
  }

  static bool read_request(int connection, Request& request) {
    std::string bytes;
    std::size_t head_end = std::string::npos;
    while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(connection, bytes)) return false;
    }
    request.head = bytes.substr(0, head_end);
    std::size_t length = 0;
    constexpr std::string_view name = "\r\nContent-Length: ";
    if (const auto at = request.head.find(name); at != std::string::npos) {
      length = std::stoul(request.head.substr(at + name.size()));
    }
    while (bytes.size() < head_end + 4 + length) {
      if (!receive(connection, bytes)) return false;
    }
    request.body = bytes.substr(head_end + 4, length);
    const std::size_t space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    return true;
  }

  std::vector<Answer> answers_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  bool stopping_ = false;
  int connection_ = -1;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace xgate::fakes
