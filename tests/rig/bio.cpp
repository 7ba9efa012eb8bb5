// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/bio.h"

namespace test {

using dmcore::BioOp;

TestBio::TestBio(dmcore::BlockDevice& device, BioOp op, dmcore::sector_t sector, dmcore::sector_t count,
                 char fill, std::uint16_t flags)
    : runtime_(device.layer().runtime()), done_(runtime_, "test bio") {
  const auto bytes = static_cast<std::uint32_t>(dmcore::to_bytes(count));
  const bool has_data = op == BioOp::read || op == BioOp::write;
  if (has_data) data.assign(bytes, static_cast<std::byte>(fill));
  bio.init(device, op, sector, bytes, has_data && bytes != 0 ? data.data() : nullptr, flags);
  bio.owner = this;
  bio.end_io = [](dmcore::Bio& ended) {
    auto& self = *static_cast<TestBio*>(ended.owner);
    self.ended_at_ = self.runtime_.now();
    self.done_.complete();
  };
}

dmcore::BlockStatus TestBio::wait() {
  done_.wait();
  return status();
}

}  // namespace test
