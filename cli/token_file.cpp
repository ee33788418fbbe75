// SPDX-License-Identifier: Apache-2.0
#include "cli/token_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace xgate::cli {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 16;
constexpr std::string_view token_begins = "xgate_";

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const noexcept { return number_; }

 private:
  int number_;
};
using Opened = tl::expected<Descriptor, NoToken>;

tl::unexpected<NoToken> system_error() { return tl::unexpected(NoToken(errno)); }
tl::unexpected<NoToken> no_token(std::string sentence) {
  return tl::unexpected(NoToken(std::move(sentence)));
}

bool is_ours(uid_t owner) { return owner == 0 || owner == ::geteuid(); }

/// Whether somebody else may put files there.
bool is_anothers(const struct stat& folder) {
  return !is_ours(folder.st_uid) || (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/// /dev/fd/63 leads here: what such a link leads to has no path.
bool is_proc(int folder) {
  struct statfs system = {};
  return ::fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/// Of a path whose last part is no link that is followed.
Opened open_in(int folder, const std::string& name, const fs::path& asked) {
  struct stat around = {};
  if (::fstat(folder, &around) != 0) return system_error();
  if (!is_anothers(around)) {
    Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (file.number() < 0) return system_error();
    return file;
  }
  Descriptor file(
      ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK));
  if (file.number() < 0 && errno == ELOOP) {
    return no_token("the token file " + asked.string() +
                    " is not read: it is a link that another user made; be that user, or "
                    "name the file that it leads to");
  }
  if (file.number() < 0) return system_error();
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return system_error();
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 ||
      (!is_ours(status.st_uid) && status.st_uid != around.st_uid)) {
    return no_token("the token file " + asked.string() +
                    " is not read: in another user's folder it must be a regular file with one "
                    "name, of that user, of root or your own");
  }
  return file;
}

Opened open_token(const fs::path& asked) {
  fs::path file = asked;
  for (int links = 0; links < most_links; ++links) {
    const fs::path parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const std::string name = file.filename().string();
    const Descriptor folder(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) return system_error();
    struct stat status = {};
    if (::fstatat(folder.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return system_error();
    }
    if (!S_ISLNK(status.st_mode) || !is_ours(status.st_uid) || is_proc(folder.number())) {
      return open_in(folder.number(), name, asked);
    }
    std::array<char, 4096> target{};
    const auto size = ::readlinkat(folder.number(), name.c_str(), target.data(), target.size());
    if (size < 0) return system_error();
    file = parent / std::string(target.data(), static_cast<std::size_t>(size));
  }
  return tl::unexpected(NoToken(ELOOP));
}

}  // namespace

tl::expected<std::string, NoToken> read_token_file(const fs::path& file) {
  const auto opened = open_token(file);
  if (!opened) return tl::unexpected(opened.error());
  constexpr std::string_view blanks = " \t\r\n";
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() < part.size()) {
    const auto size = ::read(opened->number(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error();
    if (size == 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  text.erase(0, text.find_first_not_of(blanks));
  text.erase(std::min(text.find_first_of(blanks), text.size()));
  if (text.empty()) return no_token("the token file " + file.string() + " is empty");
  if (!text.starts_with(token_begins)) {
    return no_token("the token file " + file.string() +
                    " holds no token, which begins with xgate_; nothing was sent");
  }
  return text;
}

}  // namespace xgate::cli
