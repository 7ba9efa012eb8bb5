// SPDX-License-Identifier: GPL-2.0-or-later
// Failures of single blocks of the metadata device: of those that mean something at that moment, or of all
// others.
#include <algorithm>
#include <map>

#include "sim/generate/clone.h"
#include "sim/generate/metadata_image.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

constexpr std::uint64_t block_sectors = MetadataImage::block_size / 512;

class FailingBlocks {
 public:
  explicit FailingBlocks(Bench& bench) : bench_(bench), random_(bench.random) {
    // Now and then so many array blocks that the cache does not keep them for ever.
    many_ = random_.chance(25);
    CloneShape shape;
    shape.sectors_max = random_.pick({2000ul, 60'000ul});
    shape.regions_max = 8000;
    shape.region_max = 32;
    if (many_) {
      clone_.region = 8;
      clone_.device = {.name = "c",
                       .sectors = 8 * random_.between(500'000, 4'000'000),
                       .unit = 8,
                       .alignment = 1,
                       .mapped = true};
      clone_.metadata = bench_.disk(8192);
      clone_.destination = bench_.disk(clone_.device.sectors);
      clone_.source = bench_.disk(clone_.device.sectors);
    } else {
      clone_ = make_clone(bench_, "c", shape);
    }
    disk_ = clone_.metadata;
    clone_.metadata.name = "m";
    clone_.metadata.mapped = true;
    bench_.create("m", table(disk_.sectors, good(0)));
    create(bench_, clone_);
  }

  void round() {
    for (std::uint64_t i = random_.below(4); i > 0; i--) committed_change(bench_, clone_);
    bench_.say("flush c");
    if (random_.chance(40)) reopen(bench_, clone_);
    // The cache forgets what it has not used for five minutes, but for 64 blocks.
    if (random_.chance(many_ ? 90 : 15)) bench_.say("sleep {}", random_.pick({100, 400, 400, 700}));
    break_blocks();
    for (std::uint64_t i = random_.between(1, 4); i > 0; i--) {
      change();
      if (random_.chance(50)) bench_.say("dmsetup status c");
    }
    bench_.say("read c 0 {}", std::min<std::uint64_t>(clone_.device.sectors, 200));
    if (random_.chance(30)) {  // opens what fails
      reopen(bench_, clone_);
      bench_.say("dmsetup status c");
    }
    bench_.swap_table("m", table(disk_.sectors, good(0)), true);
    if (random_.chance(70))
      reopen(bench_, clone_);
    else
      bench_.swap_table("c", clone_.table());
    bench_.say("dmsetup status c");
    bench_.say("dmsetup info -c --noheadings -o name,events c");
    bench_.say("sha256 {}", disk_.name);
  }

 private:
  [[nodiscard]] std::string good(std::uint64_t offset) const {
    return fmt::format("linear {} {}", disk_.path(), offset);
  }

  void change() {
    if (!many_ || random_.chance(30)) return committed_change(bench_, clone_);
    // Changes far apart: in array blocks that the cache may have forgotten.
    for (std::uint64_t i = random_.between(1, 3); i > 0; i--)
      bench_.say("discard c {} 8", random_.below(clone_.regions()) * 8);
    bench_.say("flush c");
  }

  std::string failing(std::uint64_t offset) {
    const std::string flakey = fmt::format("flakey {} {} 0 3600", disk_.path(), offset);
    return random_.pick({std::string("error"), flakey, flakey + " 1 error_writes", flakey + " 1 error_writes",
                         flakey + " 1 drop_writes"});
  }

  // Chosen blocks fail, or all others do, or both in different ways.
  void break_blocks() {
    const MetadataImage image(bench_.text(), disk_.name);
    std::map<std::uint64_t, std::string> ways;  // of blocks
    for (const Structure& structure : image.structures())
      if (random_.chance(structure.block == 0 && many_ ? 60 : 30))
        ways[structure.block] = failing(structure.block * block_sectors);
    if (random_.chance(25)) {
      const std::uint64_t block = random_.below(40);
      ways[block] = failing(block * block_sectors);
    }
    const bool others_fail = ways.empty() || random_.chance(20);
    std::string text;
    std::uint64_t begin = 0;
    const auto line = [&](std::uint64_t end, const std::string& target) {
      if (end <= begin) return;
      if (!text.empty()) text += '\n';
      text += fmt::format("{} {} {}", begin, end - begin, target);
      begin = end;
    };
    for (const auto& [block, way] : ways) {
      line(block * block_sectors, others_fail ? failing(begin) : good(begin));
      line((block + 1) * block_sectors, way);
    }
    line(disk_.sectors, others_fail ? failing(begin) : good(begin));
    bench_.swap_table("m", text, true);
  }

  Bench& bench_;
  Random& random_;
  Clone clone_;
  Device disk_;
  bool many_ = false;
};

}  // namespace

void failing_blocks(Bench& bench) {
  FailingBlocks theme(bench);
  for (std::uint64_t rounds = bench.random.between(1, 3); rounds > 0; rounds--) theme.round();
}

}  // namespace sim::generate
