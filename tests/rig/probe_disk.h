// SPDX-License-Identifier: GPL-2.0-or-later
// A disk that remembers every bio, and completes bios when and as the test says.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/order.h"

namespace test {

class ProbeDisk final : public dmcore::BlockDevice {
 public:
  ProbeDisk(dmcore::BlockLayer& layer, std::string name, dmcore::DevT dev, dmcore::sector_t sectors)
      : BlockDevice(layer, dev, std::move(name)), bytes_(dmcore::to_bytes(sectors)) {
    set_nr_sectors(sectors);
    limits.max_hw_sectors = limits.max_sectors = 2560;
    limits.max_discard_sectors = limits.max_hw_discard_sectors = 1U << 20U;
    limits.discard_granularity = 512;
    limits.max_write_zeroes_sectors = 1U << 20U;
    limits.max_secure_erase_sectors = 1U << 20U;
    write_cache = true;
    fua = true;
  }

  // Bios are completed inside submit(), unless they are held.
  void submit(dmcore::Bio& bio) override {
    if (!quiet) seen.push_back(dmcore::describe(bio));
    if (hold) {
      dmcore::order::release(&bio);
      const dmcore::order::Unchecked driver("a driver has locks");
      held.add(bio);
    } else {
      finish(bio);
    }
  }

  // Completes the bios that were held, first come first.
  void finish_held() {
    while (!held.empty()) finish(next_held());
  }

  [[nodiscard]] std::byte& byte_at(dmcore::sector_t sector) { return bytes_[dmcore::to_bytes(sector)]; }

  std::vector<std::string> seen;  // every bio, as describe() puts it
  bool quiet = false;             // keeps no record
  bool hold = false;              // bios are held until finish_held()
  dmcore::BioList held;
  // How the bios are completed; called for each.
  std::function<dmcore::BlockStatus(const dmcore::Bio&)> outcome;

 private:
  dmcore::Bio& next_held() {
    const dmcore::order::Unchecked driver("a driver has locks");
    dmcore::Bio& bio = *held.pop();
    dmcore::order::acquire(&bio);
    return bio;
  }

  void finish(dmcore::Bio& bio) {
    const dmcore::BlockStatus status = outcome ? outcome(bio) : dmcore::BlockStatus::ok;
    std::byte* place = bytes_.data() + dmcore::to_bytes(bio.sector);
    if (status == dmcore::BlockStatus::ok && bio.size != 0) {
      switch (bio.op) {
        case dmcore::BioOp::read:
          std::memcpy(bio.data, place, bio.size);
          break;
        case dmcore::BioOp::write:
          std::memcpy(place, bio.data, bio.size);
          break;
        default:
          std::fill_n(place, bio.size, std::byte{0});
          break;
      }
    }
    end_bio(bio, status);
  }

  std::vector<std::byte> bytes_;
};

}  // namespace test
