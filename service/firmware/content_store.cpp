// SPDX-License-Identifier: Apache-2.0
#include "service/firmware/content_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgate::firmware {
namespace {

namespace fs = std::filesystem;

tl::unexpected<FileError> failed(const std::string& what, int error) {
  const bool no_room = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return tl::unexpected(FileError{what + ": " + std::generic_category().message(error), no_room});
}

bool is_content_name(const std::string& name) {
  return name.size() == 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// When the file got its name here. A copy keeps the date of what it was written from, so that one
/// says nothing.
std::chrono::system_clock::time_point here_since(const fs::path& path) {
  struct ::stat now {};
  if (::stat(path.c_str(), &now) != 0) return std::chrono::system_clock::time_point::max();
  return std::chrono::system_clock::from_time_t(now.st_ctim.tv_sec);
}

/// A rename is durable once its folder is.
FileResult<void> sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failed("cannot open " + path, errno);
  const int done = ::fsync(folder);
  const int error = errno;
  ::close(folder);
  if (done != 0) return failed("cannot make " + path + " durable", error);
  return {};
}

FileResult<void> make_folder(const std::string& path, const std::string& parent) {
  if (::mkdir(path.c_str(), 0750) == 0) return sync_folder(parent);
  if (errno == EEXIST) return {};
  return failed("cannot make the folder " + path, errno);
}

/// MD5 is what the protocol's devices check; nothing here trusts it.
class Digest {
 public:
  explicit Digest(const char* name)
      : algorithm_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    if (algorithm_ == nullptr || context_ == nullptr ||
        EVP_DigestInit_ex(context_, algorithm_, nullptr) != 1) {
      free();
      throw std::runtime_error(std::string("OpenSSL has no ") + name);
    }
  }
  ~Digest() { free(); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, value.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += "0123456789abcdef"[value.at(i) >> 4U];
      text += "0123456789abcdef"[value.at(i) & 0x0FU];
    }
    return text;
  }

 private:
  void free() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(algorithm_);
  }
  EVP_MD* algorithm_;
  EVP_MD_CTX* context_;
};

}  // namespace

struct Incoming::Digests {
  Digest md5{"MD5"};
  Digest sha256{"SHA256"};
};

Incoming::Incoming(int file, std::string path)
    : file_(file), path_(std::move(path)), digests_(std::make_unique<Digests>()) {}

Incoming::~Incoming() {
  if (file_ >= 0) ::close(file_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

FileResult<void> Incoming::write(std::string_view bytes) {
  digests_->md5.add(bytes);
  digests_->sha256.add(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("cannot write the firmware", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

FileResult<Content> Incoming::finish() {
  if (finished_) return *finished_;
  if (::fsync(file_) != 0) return failed("cannot make the firmware durable", errno);
  finished_ = Content{size_, digests_->md5.hex(), digests_->sha256.hex()};
  return *finished_;
}

FileResult<void> ContentStore::prepare() const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return failed("cannot make the folder " + folder_, error.value());
  if (auto made = make_folder(folder_ + "/incoming", folder_); !made) return made;
  if (::access(folder_.c_str(), W_OK | X_OK) != 0)
    return failed("may not write to " + folder_, errno);
  return {};
}

FileResult<std::unique_ptr<Incoming>> ContentStore::receive() const {
  if (auto ready = prepare(); !ready) return tl::unexpected(ready.error());
  std::string path = folder_ + "/incoming/XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return failed("cannot make a file in " + folder_, errno);
  ::fchmod(file, 0640);
  return std::unique_ptr<Incoming>(new Incoming(file, std::move(path)));
}

FileResult<void> ContentStore::keep(Incoming& incoming, const std::string& sha256) const {
  const std::string folder = folder_ + "/" + sha256.substr(0, 2);
  if (auto made = make_folder(folder, folder_); !made) return made;
  const std::string place = path_of(sha256);
  if (::rename(incoming.path_.c_str(), place.c_str()) != 0) {
    return failed("cannot make " + place, errno);
  }
  incoming.path_.clear();  // it stays
  return sync_folder(folder);
}

void ContentStore::remove(const std::string& sha256) const { ::unlink(path_of(sha256).c_str()); }

std::string ContentStore::path_of(const std::string& sha256) const {
  return folder_ + "/" + sha256.substr(0, 2) + "/" + sha256;
}

std::vector<std::string> ContentStore::contents(std::chrono::seconds for_at_least) const {
  std::vector<std::string> found;
  const auto limit = std::chrono::system_clock::now() - for_at_least;
  std::error_code error;
  for (fs::directory_iterator folder(folder_, error), end; !error && folder != end;
       folder.increment(error)) {
    if (folder->path().filename().string().size() != 2) continue;
    std::error_code inner;
    for (fs::directory_iterator file(folder->path(), inner); !inner && file != end;
         file.increment(inner)) {
      auto name = file->path().filename().string();
      if (is_content_name(name) && here_since(file->path()) <= limit) {
        found.push_back(std::move(name));
      }
    }
  }
  return found;
}

void ContentStore::remove_abandoned(std::chrono::seconds older_than) const {
  std::error_code error;
  const auto limit = fs::file_time_type::clock::now() - older_than;
  for (fs::directory_iterator file(folder_ + "/incoming", error), end; !error && file != end;
       file.increment(error)) {
    std::error_code ignored;
    const auto written = fs::last_write_time(file->path(), ignored);
    if (!ignored && written < limit) fs::remove(file->path(), ignored);
  }
}

}  // namespace xgate::firmware
