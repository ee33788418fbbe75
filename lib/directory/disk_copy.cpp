// SPDX-License-Identifier: Apache-2.0
#include "directory/disk_copy.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xgate::directory {
namespace {

// Format: magic, products, blocks of device records, each preceded by its size, a size of 0, the
// number of devices, SHA-256 of all before. Numbers are this machine's own: the copy never travels.
constexpr std::string_view magic = "xgate directory copy 5\n";
constexpr std::size_t digest_size = 32;
constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::uint32_t max_block = 4 * 1024 * 1024;

struct File {
  explicit File(int descriptor) noexcept : fd(descriptor) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

std::string system_error(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void update(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::array<unsigned char, digest_size> finish() {
    std::array<unsigned char, digest_size> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

class Writer {
 public:
  explicit Writer(int fd) : fd_(fd) { buffer_.reserve(buffer_size); }

  void bytes(const void* data, std::size_t size) {
    digest_.update(data, size);
    raw(data, size);
  }
  template <class T>
  void number(T value) {
    bytes(&value, sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes(value.data(), value.size());
  }
  /// The checksum, then everything to the disk.
  bool finish() {
    const auto digest = digest_.finish();
    raw(digest.data(), digest.size());
    flush();
    return !failed_ && ::fsync(fd_) == 0;
  }
  std::size_t written() const noexcept { return written_; }

 private:
  void raw(const void* data, std::size_t size) {
    const auto* from = static_cast<const char*>(data);
    buffer_.insert(buffer_.end(), from, from + size);
    if (buffer_.size() >= buffer_size) flush();
  }
  void flush() {
    std::span<const char> rest(buffer_);
    while (!rest.empty() && !failed_) {
      const auto count = ::write(fd_, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        failed_ = true;
        break;
      }
      written_ += static_cast<std::size_t>(count);
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
    buffer_.clear();
  }

  int fd_;
  bool failed_ = false;
  std::size_t written_ = 0;
  std::vector<char> buffer_;
  Digest digest_;
};

class Reader {
 public:
  Reader(int fd, std::size_t size) : fd_(fd), left_(size) {}

  bool bytes(void* into, std::size_t size) {
    if (!raw(into, size)) return false;
    digest_.update(into, size);
    return true;
  }
  template <class T>
  bool number(T& value) {
    return bytes(&value, sizeof value);
  }
  bool text(std::string& value) {
    std::uint32_t size = 0;
    if (!number(size) || size > 256) return false;
    value.resize(size);
    return bytes(value.data(), size);
  }
  /// Whether the checksum is right and the file ends with it.
  bool finish() {
    std::array<unsigned char, digest_size> stored{};
    const auto computed = digest_.finish();
    return raw(stored.data(), stored.size()) && left_ == 0 && stored == computed;
  }

 private:
  bool raw(void* into, std::size_t size) {
    if (size > left_) return false;
    left_ -= size;
    auto* to = static_cast<char*>(into);
    while (size > 0) {
      if (at_ == buffered_ && !fill()) return false;
      const std::size_t take = std::min(size, buffered_ - at_);
      std::memcpy(to, buffer_.data() + at_, take);
      at_ += take;
      to += take;
      size -= take;
    }
    return true;
  }
  bool fill() {
    ssize_t count = 0;
    do {
      count = ::read(fd_, buffer_.data(), buffer_.size());
    } while (count < 0 && errno == EINTR);
    at_ = 0;
    buffered_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    return count > 0;
  }

  int fd_;
  std::size_t left_;
  std::size_t at_ = 0;
  std::size_t buffered_ = 0;
  std::vector<char> buffer_ = std::vector<char>(buffer_size);
  Digest digest_;
};

void write_products(Writer& writer, const Products& products) {
  writer.number(static_cast<std::uint32_t>(products.all().size()));
  for (const auto& product : products.all()) {
    writer.text(product.product_id);
    writer.text(product.open_id);
    writer.text(product.product_key);
    writer.number(static_cast<std::uint8_t>(product.auth_type));
    writer.number(static_cast<std::uint8_t>(product.enabled));
    writer.number(static_cast<std::uint8_t>(product.encrypted));
    writer.number(static_cast<std::uint8_t>(product.allow_hash));
    writer.number(static_cast<std::uint8_t>(product.require_type_1));
    writer.number(product.messages_per_second);
    writer.number(product.bytes_per_second);
  }
}

bool copied_products(Reader& reader, std::vector<Product>& products) {
  std::uint32_t count = 0;
  if (!reader.number(count)) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    Product product;
    std::array<std::uint8_t, 5> flags{};
    if (!reader.text(product.product_id) || !reader.text(product.open_id) ||
        !reader.text(product.product_key) || !reader.bytes(flags.data(), flags.size()) ||
        !reader.number(product.messages_per_second) || !reader.number(product.bytes_per_second)) {
      return false;
    }
    const auto auth_type = protocol::auth_type_from(flags[0]);
    if (!auth_type) return false;
    product.auth_type = *auth_type;
    product.enabled = flags[1] != 0;
    product.encrypted = flags[2] != 0;
    product.allow_hash = flags[3] != 0;
    product.require_type_1 = flags[4] != 0;
    products.push_back(std::move(product));
  }
  return true;
}

bool copied_devices(Reader& reader, DeviceTable::Builder& builder) {
  std::vector<std::byte> block;
  for (;;) {
    std::uint32_t size = 0;
    if (!reader.number(size) || size > max_block) return false;
    if (size == 0) break;
    block.resize(size);
    if (!reader.bytes(block.data(), block.size()) || !builder.add_block(block)) return false;
  }
  std::uint64_t count = 0;
  return reader.number(count) && count == builder.size();
}

/// A rename is on the disk only when its folder is.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd >= 0) ::fsync(directory.fd);
}

}  // namespace

tl::expected<std::size_t, std::string> write_copy(const std::string& path,
                                                  const Snapshot& snapshot) {
  const std::string temporary = path + ".new";
  // what an earlier crash left may have another owner or mode: never write into it
  ::unlink(temporary.c_str());
  const File file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.fd < 0) return tl::unexpected(system_error("cannot create " + temporary));
  Writer writer(file.fd);
  writer.bytes(magic.data(), magic.size());
  write_products(writer, *snapshot.products);
  snapshot.table->for_each_block([&](std::span<const std::byte> block) {
    writer.number(static_cast<std::uint32_t>(block.size()));
    writer.bytes(block.data(), block.size());
  });
  writer.number(std::uint32_t{0});
  writer.number(static_cast<std::uint64_t>(snapshot.table->size()));
  if (!writer.finish() || ::rename(temporary.c_str(), path.c_str()) != 0) {
    auto reason = system_error("cannot write " + path);
    ::unlink(temporary.c_str());
    return tl::unexpected(std::move(reason));
  }
  sync_folder_of(path);
  return writer.written();
}

tl::expected<Snapshot, std::string> read_copy(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) return tl::unexpected(system_error("cannot open " + path));
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return tl::unexpected(system_error("cannot read " + path));
  if (!S_ISREG(status.st_mode)) return tl::unexpected(path + " is no regular file");
  if (status.st_uid != ::geteuid()) {
    return tl::unexpected(path + " belongs to another user: remove it, a new one will be made");
  }
  if ((status.st_mode & 077U) != 0) {
    return tl::unexpected(path + " is open to others: it holds secrets, its mode must be 0600");
  }
  Reader reader(file.fd, static_cast<std::size_t>(status.st_size));
  std::string head(magic.size(), '\0');
  if (!reader.bytes(head.data(), head.size()) || head != magic) {
    return tl::unexpected(path + " is no copy of the directory, or of another version");
  }
  std::vector<Product> products;
  DeviceTable::Builder builder;
  if (!copied_products(reader, products) || !copied_devices(reader, builder) || !reader.finish()) {
    return tl::unexpected(path + " is truncated or damaged");
  }
  Snapshot snapshot;
  snapshot.products = std::make_shared<const Products>(std::move(products));
  snapshot.table = std::move(builder).finish();
  return snapshot;
}

}  // namespace xgate::directory
