// SPDX-License-Identifier: GPL-2.0-or-later
// Several tasks write to the same regions, none of which is hydrated, in many orders: each region must be
// copied once, and no write may get lost under the copy.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "dmcore/block/lib.h"
#include "dmcore/kernel/wait.h"

#include "sim/language/parser.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"

namespace {

constexpr dmcore::sector_t regions = 64;
constexpr dmcore::sector_t region_sectors = 8;

// A task that writes the same sectors of each region, one region after the other.
struct Writer {
  char letter;
  dmcore::sector_t first;  // in the region
  dmcore::sector_t sectors;
};

class Clone {
 public:
  explicit Clone(std::uint64_t seed) : machine_({sim::Schedule::Kind::random, seed}) {
    run("disk loop0 4M\ndisk loop1 1M\ndisk loop2 1M\nwrite loop2 0 2048 @S\n"
        "dmsetup create c --table '0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n"
        "iostat loop2\n");
  }

  // What the commands print.
  std::vector<std::string> run(const std::string& text) {
    sim::language::ParseResult parsed;
    parser_.parse(text, parsed);
    EXPECT_TRUE(parsed.ok()) << text;
    lines_.clear();
    interpreter_.run(parsed.scenario.commands);
    return lines_;
  }

  // The writers begin together, and drift apart: so one comes to a region before, while, or when it has just
  // been hydrated for another.
  void write_at_once(const std::vector<Writer>& writers) {
    machine_.run([this, &writers] {
      dmcore::BlockDevice* device = machine_.block().find("dm-0");
      ASSERT_NE(device, nullptr);
      std::vector<std::unique_ptr<dmcore::Completion>> done;
      for (const Writer& writer : writers) {
        auto& ended =
            *done.emplace_back(std::make_unique<dmcore::Completion>(machine_.runtime(), "a writer"));
        machine_.runtime().spawn("writer", [device, &ended, &writer] {
          const std::vector<std::byte> data(dmcore::to_bytes(writer.sectors),
                                            static_cast<std::byte>(writer.letter));
          for (dmcore::sector_t region = 0; region < regions; ++region) {
            EXPECT_TRUE(dmcore::write_sectors(*device, region * region_sectors + writer.first, data).ok());
          }
          ended.complete();
        });
      }
      for (const auto& ended : done) ended->wait();
    });
  }

 private:
  std::vector<std::string> lines_;
  sim::Machine machine_;
  sim::scenario::Interpreter interpreter_{machine_,
                                          {.directory = {}, .save_directory = {}, .echo = false},
                                          [this](std::string_view line) { lines_.emplace_back(line); }};
  sim::language::Parser parser_;
};

TEST(CloneConcurrentWrites, AreAllKeptAndEachRegionIsCopiedOnce) {
  std::vector<std::string> expected;
  for (dmcore::sector_t sector = 0; sector < regions * region_sectors; ++sector) {
    const auto letter = static_cast<char>('A' + sector % region_sectors / 2);
    expected.push_back(fmt::format("{0}-{0} {1}", sector, sector % 2 == 0 ? std::string(1, letter) : "@S"));
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Clone clone(seed);
    clone.write_at_once({{'A', 0, 1}, {'B', 2, 1}, {'C', 4, 1}, {'D', 6, 1}});
    EXPECT_EQ(clone.run(fmt::format("read c 0 {}\n", regions * region_sectors)), expected);
    EXPECT_EQ(clone.run("iostat loop2\n"),
              std::vector<std::string>{
                  fmt::format("read={} written=0 discarded=0 flushes=0", regions * region_sectors)});
    if (HasFailure()) return;
  }
}

// Some write whole regions, others a sector of it. Whoever comes last, nothing of the source may come back.
TEST(CloneConcurrentWrites, AreNotUndoneByACopy) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Clone clone(seed);
    clone.write_at_once({{'A', 0, region_sectors}, {'B', 3, 1}});
    for (const std::string& line : clone.run(fmt::format("read c 0 {}\n", regions * region_sectors))) {
      EXPECT_EQ(line.find('@'), std::string::npos) << line;
    }
    if (HasFailure()) return;
  }
}

}  // namespace
