// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace xgate::cli {

struct HttpRequest {
  std::string method = "GET";
  std::string target;  ///< path and query, below the service's address
  std::string body;
  std::string content_type;          ///< of the body
  std::string file = {};             ///< the body is this file, where it is named
  std::string idempotency_key = {};  ///< a header, where it is given
};

/// Why there is no reply.
struct HttpFailure {
  std::string sentence;  ///< with the address and what to do about it
  bool sent = false;     ///< at least in part: what it asked for may have been done
};

struct HttpReply {
  int status = 0;
  std::string content_type;
  std::string body;
  std::chrono::seconds retry_after{0};  ///< 0: nothing was said
  std::string unconfirmed = {};         ///< brokers that do not go by the change yet, "a, b"
};

struct HttpTimeouts {
  std::chrono::milliseconds connect{5000};
  std::chrono::seconds silence{30};  ///< without a byte from the service
};

/// Talks to one service over one kept connection. Movable, not thread-safe.
class HttpClient {
 public:
  /// `url` without a path, "http://127.0.0.1:8080". The token goes into a header and nowhere else.
  HttpClient(std::string url, const std::string& token, HttpTimeouts timeouts = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Where `sink` is given, the body of a 2xx reply goes there as it comes instead of into the
  /// reply.
  tl::expected<HttpReply, HttpFailure> send(const HttpRequest& request,
                                            const std::function<void(std::string_view)>& sink = {});

  /// The authorities whose certificates are taken at https://; empty: the system's.
  void trust(const std::string& ca_file);

  /// A header Accept-Language with every request; empty: none.
  void accept_language(std::string languages);

  /// Asked about once a second while waiting; true ends the request.
  void stop_when(std::function<bool()> asked);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

/// A proxy of the environment is for the way out, and cannot reach this machine's own services.
bool is_loopback(std::string_view url) noexcept;

/// Everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text);

}  // namespace xgate::cli
