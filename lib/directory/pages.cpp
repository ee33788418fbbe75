// SPDX-License-Identifier: Apache-2.0
#include "directory/pages.hpp"

#include <cstdint>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace xgate::directory {
namespace {

constexpr std::size_t small_page = 4096;

std::byte* map(std::size_t size) {
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(mapped);
}

void unmap(std::byte* from, std::size_t size) noexcept {
  if (size > 0) ::munmap(from, size);
}

/// A large page begins at a multiple of its size only (newer kernels see to that themselves).
std::byte* map_aligned(std::size_t size) {
  std::byte* mapped = map(size + Pages::large_page);
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(mapped) % Pages::large_page;
  const std::size_t before = beyond == 0 ? 0 : Pages::large_page - beyond;
  unmap(mapped, before);
  unmap(mapped + before + size, Pages::large_page - before);
  return mapped + before;
}

}  // namespace

Pages::Pages(std::size_t size, bool large)
    : size_((size + small_page - 1) / small_page * small_page) {
  if (size_ == 0) return;
  data_ = large ? map_aligned(size_) : map(size_);
  if (large) ::madvise(data_, size_, MADV_HUGEPAGE);  // a wish; without them all works as well
}

Pages::~Pages() { unmap(data_, size_); }

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace xgate::directory
