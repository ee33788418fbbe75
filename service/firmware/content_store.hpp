// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

// Files of firmware, in a folder of the service's own: FOLDER/ab/ab…, named by SHA-256, and what is
// just coming in FOLDER/incoming. No database: who calls holds its locks.
namespace xgate::firmware {

struct FileError {
  std::string message;  ///< one sentence
  bool no_room = false;
};
template <class T>
using FileResult = tl::expected<T, FileError>;

struct Content {
  std::int64_t size = 0;
  std::string md5;     ///< 32 hex digits, lower case
  std::string sha256;  ///< 64
};

/// A file that is coming in. What is not kept is gone with this object.
class Incoming {
 public:
  ~Incoming();
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  FileResult<void> write(std::string_view bytes);
  /// After the last byte: durable, and what it is.
  FileResult<Content> finish();

 private:
  friend class ContentStore;
  struct Digests;
  Incoming(int file, std::string path);
  int file_;
  std::string path_;
  std::unique_ptr<Digests> digests_;
  std::int64_t size_ = 0;
  std::optional<Content> finished_;
};

class ContentStore {
 public:
  explicit ContentStore(std::string folder) : folder_(std::move(folder)) {}

  /// Makes the folder where it is missing, and can be written to.
  FileResult<void> prepare() const;
  FileResult<std::unique_ptr<Incoming>> receive() const;
  /// Gives a finished file its place, durably; the same content may lie there already.
  FileResult<void> keep(Incoming& incoming, const std::string& sha256) const;
  void remove(const std::string& sha256) const;
  std::string path_of(const std::string& sha256) const;

  /// Every content that lies here for so long, be it by a copy: what a restore brings is new.
  std::vector<std::string> contents(std::chrono::seconds for_at_least) const;
  /// What a service that was killed left in FOLDER/incoming.
  void remove_abandoned(std::chrono::seconds older_than) const;

 private:
  std::string folder_;
};

}  // namespace xgate::firmware
