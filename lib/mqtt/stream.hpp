// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

namespace xgate::mqtt {

/// A byte stream to a broker, plain TCP or TLS; the only place that knows which. One read and one
/// write at a time. Completions are posted, and none comes after close() with success.
class Stream {
 public:
  using Connected = std::function<void(const std::string& error)>;  ///< empty: done
  using Moved = std::function<void(const std::string& error, std::size_t size)>;

  virtual ~Stream() = default;
  /// Looks the name up, connects, and with TLS checks the broker's certificate against `host`.
  virtual void connect(const std::string& host, std::uint16_t port, Connected done) = 0;
  virtual void read_some(std::span<char> into, Moved done) = 0;
  virtual void write(std::string_view bytes, Moved done) = 0;  ///< all of them
  /// No more is written; what the broker still says can be read.
  virtual void shutdown_write() noexcept = 0;
  virtual void close() noexcept = 0;
};

/// How connect() begins its error where the certificate was no good.
inline constexpr std::string_view untrusted = "the broker's certificate is not trusted";

struct StreamOptions {
  bool tls = false;
  std::string ca_file;
};
std::shared_ptr<Stream> make_stream(const boost::asio::any_io_executor& executor,
                                    const StreamOptions& options);

}  // namespace xgate::mqtt
