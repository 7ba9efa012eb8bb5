// SPDX-License-Identifier: GPL-2.0-or-later
// The labels of unfinished clones.
#include "sim/clone/label.h"

#include <gtest/gtest.h>

#include "sim/store/memory_store.h"

namespace {

using sim::MemoryStore;
using sim::clone::Label;
using sim::clone::label_bytes;
using sim::clone::LabelState;

Label a_label() {
  return {.token = {1, 2, 3},
          .state = LabelState::copying,
          .source_bytes = 1000,
          .source_mtime_ns = 1'500'000'000'000'000'001,
          .region_size = 8};
}

TEST(CloneLabel, IsReadBackFromTheEnd) {
  MemoryStore store(3 * label_bytes);
  ASSERT_TRUE(write_label(store, a_label()).ok());
  const auto label = sim::clone::read_label(store).value();
  ASSERT_TRUE(label);
  EXPECT_EQ(label->token, a_label().token);
  EXPECT_EQ(label->state, a_label().state);
  EXPECT_EQ(label->source_bytes, a_label().source_bytes);
  EXPECT_EQ(label->source_mtime_ns, a_label().source_mtime_ns);
  EXPECT_EQ(label->region_size, a_label().region_size);
  EXPECT_EQ(store.next_extent(0).value()->offset, 2 * label_bytes);
}

TEST(CloneLabel, IsNoneWhereAnyOfItsBytesIsChanged) {
  for (const std::uint64_t at : {0U, 7U, 30U, 60U, 4000U}) {
    MemoryStore store(label_bytes);
    ASSERT_TRUE(write_label(store, a_label()).ok());
    std::array<std::byte, 1> byte{};
    ASSERT_TRUE(store.read(at, byte).ok());
    byte[0] ^= std::byte{1};
    ASSERT_TRUE(store.write(at, byte).ok());
    EXPECT_FALSE(sim::clone::read_label(store).value()) << "byte " << at;
  }
}

TEST(CloneLabel, IsNoneInAFileThatIsTooShort) {
  EXPECT_FALSE(sim::clone::read_label(MemoryStore(100)).value());
}

TEST(CloneLabel, HasATokenOfItsOwnIfThereIsMetadata) {
  EXPECT_NE(sim::clone::new_token(), sim::clone::new_token());
  EXPECT_TRUE(a_label().has_metadata());
  EXPECT_FALSE(Label().has_metadata());
}

}  // namespace
