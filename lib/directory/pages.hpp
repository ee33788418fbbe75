// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace xgate::directory {

/// Zeroed memory straight from the system. All of it goes back when it is freed: between the blocks
/// of an allocator a new table would keep the old one's in use.
class Pages {
 public:
  Pages() = default;
  /// `large`: in large pages where the system has them. A login looks at one place anywhere in a
  /// table, and small ones cost it a walk through the page tables as well.
  Pages(std::size_t size, bool large);
  ~Pages();
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

  static constexpr std::size_t large_page = std::size_t{2} << 20U;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace xgate::directory
