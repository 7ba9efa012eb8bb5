// SPDX-License-Identifier: GPL-2.0-or-later
// A loop device without a backing file. It can be opened; its size is 0, so that no bio with data reaches it.
#pragma once

#include <string>

#include "dmcore/block/block_layer.h"

namespace sim {

class UnboundLoop final : public dmcore::BlockDevice {
 public:
  UnboundLoop(dmcore::BlockLayer& layer, dmcore::DevT dev, std::string name)
      : BlockDevice(layer, dev, std::move(name)) {
    // loop_add().
    limits.max_hw_sectors = limits.max_sectors = dmcore::default_max_sectors;
    nowait = true;
    request_based = true;
  }

  void submit(dmcore::Bio& bio) override { bio_io_error(bio); }
};

}  // namespace sim
