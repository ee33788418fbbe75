// SPDX-License-Identifier: Apache-2.0
#include "service/script/arena.hpp"

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::script {
namespace {

constexpr std::size_t arena_bytes = std::size_t{1} << 20U;

struct Memory {
  alignas(16) std::array<std::byte, arena_bytes> bytes;
};

/// Every block keeps its own bytes, whatever is allocated, moved and freed around it.
TEST(Arena, blocks_never_overlap) {
  const auto memory = std::make_unique<Memory>();
  Arena* arena = Arena::make(memory->bytes);
  std::mt19937 random(1);
  std::map<unsigned char*, std::pair<std::size_t, unsigned char>> blocks;
  const auto intact = [](const auto& block) {
    for (std::size_t i = 0; i < block.second.first; ++i) {
      if (block.first[i] != block.second.second) return false;
    }
    return true;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t size = random() % 16 == 0 ? random() % 20'000 : 1 + random() % 300;
    const auto mark = static_cast<unsigned char>(random());
    const auto chosen =
        blocks.empty() ? blocks.end()
                       : std::next(blocks.begin(), static_cast<long>(random() % blocks.size()));
    void* block = nullptr;
    if (chosen == blocks.end() || random() % 3 != 0) {
      block = arena->allocate(size);
    } else {
      ASSERT_TRUE(intact(*chosen));
      unsigned char* const at = chosen->first;
      const std::size_t had = chosen->second.first;
      if (random() % 2 == 0) {
        arena->free(at);
        blocks.erase(chosen);
        continue;
      }
      const unsigned char old = chosen->second.second;
      block = arena->reallocate(at, size);
      if (block == nullptr) continue;
      blocks.erase(chosen);
      for (std::size_t k = 0; k < std::min(had, size); ++k) {
        ASSERT_EQ(static_cast<unsigned char*>(block)[k], old);
      }
    }
    if (block == nullptr) continue;
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % 8, 0U);
    std::memset(block, mark, size);
    blocks[static_cast<unsigned char*>(block)] = {size, mark};
  }
  for (const auto& block : blocks) EXPECT_TRUE(intact(block));
  EXPECT_LE(arena->used().size(), arena_bytes);
}

TEST(Arena, what_is_full_says_so_and_goes_on) {
  const auto memory = std::make_unique<Memory>();
  Arena* arena = Arena::make(memory->bytes);
  EXPECT_EQ(arena->allocate(2 * arena_bytes), nullptr);
  EXPECT_TRUE(arena->refused());
  arena->begin_count();
  std::vector<void*> blocks;
  while (void* block = arena->allocate(10'000)) blocks.push_back(block);
  EXPECT_GE(blocks.size(), 100U);
  for (void* block : blocks) arena->free(block);
  EXPECT_NE(arena->allocate(900'000), nullptr) << "what was freed is in one piece again";
}

TEST(Arena, putting_a_copy_back_undoes_everything_since) {
  const auto memory = std::make_unique<Memory>();
  Arena* arena = Arena::make(memory->bytes);
  auto* kept = static_cast<char*>(arena->allocate(100));
  std::strcpy(kept, "before");
  const auto used = arena->used();
  const std::vector<std::byte> copy(used.begin(), used.end());
  void* const next = arena->allocate(100);
  for (int round = 0; round < 3; ++round) {
    std::strcpy(kept, "after");
    arena->free(kept);
    while (arena->allocate(5'000) != nullptr) {
    }
    arena->put_back(copy);
    EXPECT_STREQ(kept, "before");
    EXPECT_FALSE(arena->refused());
    EXPECT_EQ(arena->allocate(100), next);
  }
}

}  // namespace
}  // namespace xgate::script
