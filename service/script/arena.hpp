// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace xgate::script {

/// An allocator that lives, with everything it has given away, in one piece of memory at one
/// address: copy the piece, and the copy can be put back later as if nothing had happened. So a
/// script leaves no trace of a call. Not thread-safe.
class Arena {
 public:
  /// Makes an arena of all of `memory`, which is aligned to 16 bytes.
  static Arena* make(std::span<std::byte> memory);

  void* allocate(std::size_t size) noexcept;  ///< null: the arena is full
  void* reallocate(void* block, std::size_t size) noexcept;
  void free(void* block) noexcept;

  /// All that has to be copied: the arena itself and what is in use.
  std::span<const std::byte> used() const noexcept;
  /// Puts back what used() gave, at this address, earlier.
  void put_back(std::span<const std::byte> copy) noexcept;

  /// Forgets how full it was before.
  void begin_count() noexcept {
    peak_ = top_;
    refused_ = false;
  }
  std::size_t peak() const noexcept { return peak_; }  ///< the most that was ever in use
  bool refused() const noexcept { return refused_; }   ///< whether it was ever full

 private:
  /// In front of every block. Of a free large one, the list goes on behind it.
  struct Header {
    std::size_t size;  ///< of the block, this header included
  };
  struct FreeBlock {
    std::size_t size;
    FreeBlock* next;
  };
  static constexpr std::size_t grain = 16;
  static constexpr std::size_t largest_small = 512;

  Arena(std::size_t size) noexcept : size_(size) {}
  std::byte* base() noexcept { return reinterpret_cast<std::byte*>(this); }
  const std::byte* base() const noexcept { return reinterpret_cast<const std::byte*>(this); }
  void* carve(std::size_t size) noexcept;
  void* take_large(std::size_t size) noexcept;
  void give_large(FreeBlock* block) noexcept;

  const std::size_t size_;
  std::size_t top_ = 0;  ///< what is beyond was never in use, or is free again
  std::size_t peak_ = 0;
  bool refused_ = false;
  std::array<FreeBlock*, largest_small / grain + 1> small_{};  ///< by size
  FreeBlock* large_ = nullptr;                                 ///< by address
};

}  // namespace xgate::script
