// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/rewind/arena.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <utility>
#include <vector>

namespace {

using sim::rewind::Arena;
using sim::rewind::in_use;
using sim::rewind::Outside;

std::unique_ptr<Arena> arena() {
  auto made = Arena::create();
  EXPECT_NE(made, nullptr);
  return made;
}

TEST(Arena, GivesMemoryOfAnySizeWithoutOverlap) {
  const auto memory = arena();
  std::vector<std::pair<std::byte*, std::size_t>> taken;
  for (std::size_t bytes = 0; bytes < 70'000; bytes = bytes * 5 / 4 + 1) {
    for (int i = 0; i < 5; ++i) {
      auto* const block = static_cast<std::byte*>(memory->allocate(bytes));
      std::memset(block, static_cast<int>(taken.size() % 251), bytes);
      taken.emplace_back(block, bytes);
    }
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto [block, bytes] = taken[i];
    EXPECT_EQ(std::count(block, block + bytes, static_cast<std::byte>(i % 251)),
              static_cast<std::ptrdiff_t>(bytes));
  }
}

TEST(Arena, AlignsAsItIsAsked) {
  const auto memory = arena();
  for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    for (const std::size_t bytes : {1, 24, 100, 700, 5000}) {
      (void)memory->allocate(bytes);  // so that what follows is not aligned by chance
      const auto address =
          reinterpret_cast<std::uintptr_t>(memory->allocate(bytes, alignment));  // NOLINT(*-reinterpret-cast)
      EXPECT_EQ(address % std::max(alignment, Arena::minimum), 0U) << bytes << " by " << alignment;
    }
  }
}

TEST(Arena, UsesAgainWhatWasGivenBack) {
  const auto memory = arena();
  void* const first = memory->allocate(1000);
  memory->release(first);
  EXPECT_EQ(memory->allocate(1000), first);
}

TEST(Arena, RestoresBytesAndWhatIsAllocated) {
  const auto memory = arena();
  auto* const kept = static_cast<std::byte*>(memory->allocate(3000));
  std::memset(kept, 1, 3000);
  Arena::Image image;
  memory->save(image);
  void* const later = memory->allocate(3000);
  std::memset(later, 2, 3000);
  std::memset(kept, 3, 3000);
  memory->release(kept);

  memory->restore(image);

  EXPECT_EQ(std::count(kept, kept + 3000, std::byte{1}), 3000);
  EXPECT_EQ(memory->allocate(3000), later) << "as if it had not been allocated";
}

TEST(Arena, KeepsOfAStackWhatIsAboveItsPointer) {
  const auto memory = arena();
  std::byte* const top = memory->take_stack();
  std::memset(top - 64, 1, 64);
  memory->suspended(top - 32);
  Arena::Image image;
  memory->save(image);
  const std::size_t with_stack = image.bytes();
  std::memset(top - 64, 2, 64);

  memory->restore(image);

  EXPECT_EQ(std::count(top - 64, top, std::byte{1}), 32);
  memory->give_back_stack(top);
  memory->save(image);
  EXPECT_EQ(image.bytes() + 32, with_stack);
  EXPECT_EQ(memory->take_stack(), top) << "it is used again";
}

TEST(Arena, IsWhereNewAllocatesWhileItIsInUse) {
  if (!sim::rewind::supported()) GTEST_SKIP() << "not with this build's operator new";
  const auto memory = arena();
  in_use = {memory.get(), memory.get()};
  auto inside = std::make_unique<std::vector<int>>(1000);
  std::unique_ptr<int> outside;
  {
    const Outside guard;
    outside = std::make_unique<int>(1);
  }
  auto inside_again = std::make_unique<int>(1);
  const bool right = memory->contains(inside.get()) && memory->contains(inside->data()) &&
                     !memory->contains(outside.get()) && memory->contains(inside_again.get());
  inside.reset();
  inside_again.reset();
  in_use = {};
  EXPECT_TRUE(right);
}

}  // namespace
