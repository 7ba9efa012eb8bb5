// SPDX-License-Identifier: GPL-2.0-or-later
// One bio with its data, and what became of it.
#pragma once

#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/wait.h"

namespace test {

// Must outlive the I/O.
class TestBio {
 public:
  TestBio(dmcore::BlockDevice& device, dmcore::BioOp op, dmcore::sector_t sector, dmcore::sector_t count,
          char fill = '\0', std::uint16_t flags = 0);
  TestBio(const TestBio&) = delete;
  TestBio& operator=(const TestBio&) = delete;

  TestBio& submit() {
    submit_bio(bio);
    return *this;
  }
  // Process context; sleeps until it is completed.
  dmcore::BlockStatus wait();
  [[nodiscard]] bool ended() const { return done_.done(); }
  [[nodiscard]] dmcore::BlockStatus status() const { return bio.status; }
  [[nodiscard]] dmcore::Time ended_at() const { return ended_at_; }

  dmcore::Bio bio;
  std::vector<std::byte> data;

 private:
  dmcore::Runtime& runtime_;
  dmcore::Completion done_;
  dmcore::Time ended_at_{0};
};

}  // namespace test
