// SPDX-License-Identifier: Apache-2.0
#include "service/script/arena.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

// Small blocks stay in the list of their size, which is quick; large ones are joined with their
// neighbours, so that an array which grows does not leave the arena in pieces.
namespace xgate::script {
namespace {

constexpr std::size_t rounded_up(std::size_t size, std::size_t grain) noexcept {
  return (size + grain - 1) / grain * grain;
}

}  // namespace

Arena* Arena::make(std::span<std::byte> memory) {
  auto* arena = new (memory.data()) Arena(memory.size());
  // Blocks begin 8 bytes before a multiple of 16, so that what is behind their header is on one.
  arena->top_ = rounded_up(sizeof(Arena) + sizeof(Header), grain) - sizeof(Header);
  arena->peak_ = arena->top_;
  return arena;
}

void* Arena::carve(std::size_t size) noexcept {
  if (size > size_ - top_) {
    refused_ = true;
    return nullptr;
  }
  auto* block = new (base() + top_) Header{size};
  top_ += size;
  peak_ = std::max(peak_, top_);
  return block + 1;
}

void* Arena::take_large(std::size_t size) noexcept {
  for (FreeBlock** link = &large_; *link != nullptr; link = &(*link)->next) {
    FreeBlock* block = *link;
    if (block->size < size) {
      continue;
    }
    FreeBlock* rest = block->next;
    if (block->size - size > largest_small) {
      rest = new (reinterpret_cast<std::byte*>(block) + size) FreeBlock{block->size - size, rest};
      block->size = size;
    }
    *link = rest;
    return reinterpret_cast<Header*>(block) + 1;
  }
  return carve(size);
}

void Arena::give_large(FreeBlock* block) noexcept {
  const auto end_of = [](FreeBlock* of) { return reinterpret_cast<std::byte*>(of) + of->size; };
  FreeBlock* before = nullptr;
  FreeBlock* after = large_;
  while (after != nullptr && after < block) {
    before = after;
    after = after->next;
  }
  block->next = after;
  if (after != nullptr && end_of(block) == reinterpret_cast<std::byte*>(after)) {
    block->size += after->size;
    block->next = after->next;
  }
  if (before != nullptr && end_of(before) == reinterpret_cast<std::byte*>(block)) {
    before->size += block->size;
    before->next = block->next;
    return;
  }
  (before == nullptr ? large_ : before->next) = block;
}

void* Arena::allocate(std::size_t size) noexcept {
  if (size > size_) {
    refused_ = true;
    return nullptr;
  }
  const std::size_t whole =
      std::max(rounded_up(size + sizeof(Header), grain), rounded_up(sizeof(FreeBlock), grain));
  if (whole > largest_small) {
    return take_large(whole);
  }
  FreeBlock*& list = small_.at(whole / grain);
  if (list == nullptr) {
    return carve(whole);
  }
  FreeBlock* block = list;
  list = block->next;
  return reinterpret_cast<Header*>(block) + 1;
}

void Arena::free(void* block) noexcept {
  if (block == nullptr) {
    return;
  }
  auto* header = static_cast<Header*>(block) - 1;
  const std::size_t size = header->size;
  if (reinterpret_cast<std::byte*>(header) + size == base() + top_ && size > largest_small) {
    top_ -= size;
    return;
  }
  auto* freed = new (header) FreeBlock{size, nullptr};
  if (size > largest_small) {
    give_large(freed);
    return;
  }
  FreeBlock*& list = small_.at(size / grain);
  freed->next = list;
  list = freed;
}

void* Arena::reallocate(void* block, std::size_t size) noexcept {
  if (block == nullptr) {
    return allocate(size);
  }
  if (size == 0) {
    free(block);
    return nullptr;
  }
  auto* header = static_cast<Header*>(block) - 1;
  const std::size_t had = header->size - sizeof(Header);
  if (size <= had && size >= had / 2) {
    return block;
  }
  // The last block grows where it is: how large arrays come about.
  const std::size_t whole = rounded_up(std::min(size, size_) + sizeof(Header), grain);
  if (reinterpret_cast<std::byte*>(header) + header->size == base() + top_ &&
      whole > header->size && whole > largest_small && whole - header->size <= size_ - top_) {
    top_ += whole - header->size;
    header->size = whole;
    peak_ = std::max(peak_, top_);
    return block;
  }
  void* moved = allocate(size);
  if (moved == nullptr) {
    return size <= had ? block : nullptr;
  }
  std::memcpy(moved, block, std::min(had, size));
  free(block);
  return moved;
}

std::span<const std::byte> Arena::used() const noexcept { return {base(), top_}; }

void Arena::put_back(std::span<const std::byte> copy) noexcept {
  // Over itself too: the arena's own state is a part of what is put back.
  std::memcpy(static_cast<void*>(this), copy.data(), copy.size());
}

}  // namespace xgate::script
