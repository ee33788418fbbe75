// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <tl/expected.hpp>

#include "service/observe/limits.hpp"
#include "service/web/places.hpp"

namespace xgate::web {

/// Accepts connections, as many as there are places for; who gets none is told why, and closed.
/// Everything on the io_context's thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  struct Rule {
    std::string name;     ///< "the HTTP API", for errors and the log
    std::string section;  ///< of the settings: "http"
    std::string address;
    std::uint16_t port = 0;  ///< 0: any free one
    Places::Rule places;
    observe::Limit limit = observe::Limit::http_places;
    /// The bytes of an answer of this status with this sentence; null: none can be given.
    std::function<std::string(int status, const std::string& sentence)> refusal;
  };
  using Accepted = std::function<void(Socket socket, std::unique_ptr<Place> place)>;

  Listener(boost::asio::io_context& io, Rule rule, observe::Limits& limits, Accepted accepted);

  /// Binds and accepts; an error, in one sentence, where the address cannot be had.
  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept { return port_; }  ///< the bound one, after start()
  void stop();

 private:
  void accept();
  void receive(Socket socket);
  void turn_away(Socket socket, Places::Short of, const std::string& address);
  void forget_turned_away();

  const Rule rule_;
  observe::Limits& limits_;
  const Accepted accepted_;
  const std::shared_ptr<Places> places_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer again_;
  boost::asio::steady_timer forgetting_;
  /// They hold no place; closed while the client still sends they would not see their answer.
  std::deque<Socket> turned_away_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
};

/// The client's; empty where it is gone.
std::string address_of(const Listener::Socket& socket);

}  // namespace xgate::web
