// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <tl/expected.hpp>

namespace xgate::cli {

struct DownloadRequest {
  std::string url;
  std::int64_t size = 0;       ///< what was promised: more is not read
  std::int64_t cut_after = 0;  ///< breaks the first attempt off after so many bytes; 0: does not
};

struct Downloaded {
  std::int64_t size = 0;
  std::string md5;       ///< 32 upper-case hex digits
  bool resumed = false;  ///< the server sent the rest only (OTA-4)
};

/// Downloads as devices do: over HTTP, with resume after a cut. The bytes are hashed, not kept. All
/// of them share one thread; what is done is told on the executor.
class Downloads {
 public:
  using Done = std::function<void(tl::expected<Downloaded, std::string>)>;

  explicit Downloads(boost::asio::any_io_executor executor);
  /// Ends those under way; none of them is told.
  ~Downloads();
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  void begin(DownloadRequest request, Done done);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace xgate::cli
