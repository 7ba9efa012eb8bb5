// SPDX-License-Identifier: GPL-2.0-or-later
// What its faults do to a disk.
#include "sim/disk/virtual_disk.h"

namespace sim {

void VirtualDisk::set_faults(FaultMap faults) {
  faults_ = std::move(faults);
  silence_.faults_changed();
  runtime_.cancel(rot_);
  rot();
}

void VirtualDisk::rot() {
  for (const Fault::BitRot& rot : faults_.take_rot(runtime_.now())) {
    if (rot.byte >= store_->size()) continue;
    const std::byte bits = std::byte{1} << rot.bit;
    std::byte value{};
    if (!stored(store_->read(rot.byte, {&value, 1}))) continue;
    value ^= bits;
    if (stored(store_->write(rot.byte, {&value, 1})) && media_ != nullptr) media_->rotted(rot.byte, bits);
  }
  if (const auto next = faults_.next_rot()) runtime_.post_at(rot_, *next);
}

}  // namespace sim
