// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <tl/expected.hpp>

namespace xgate::web {

/// A server's certificate chain and its key, from PEM files that somebody else renews: new
/// connections get what is in the files now. Files that do not do (half written, of two renewals,
/// a key that everybody may read) leave the ones before in use, and the log says why. On one
/// thread.
class Certificate {
 public:
  using Context = std::shared_ptr<boost::asio::ssl::context>;

  /// An error is one sentence.
  static tl::expected<std::unique_ptr<Certificate>, std::string> load(std::string chain_file,
                                                                      std::string key_file);
  /// For one connection.
  Context current();

 private:
  /// By which a file is told from the one that was there before.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::array<Stamp, 2>;

  Certificate(std::string chain_file, std::string key_file)
      : chain_file_(std::move(chain_file)), key_file_(std::move(key_file)) {}
  tl::expected<Context, std::string> read() const;
  static Stamp stamp_of(const std::string& file);

  const std::string chain_file_;
  const std::string key_file_;
  Context context_;
  Stamps stamps_{};
  std::chrono::steady_clock::time_point looked_at_{};
};

}  // namespace xgate::web
