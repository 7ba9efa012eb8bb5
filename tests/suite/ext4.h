// SPDX-License-Identifier: GPL-2.0-or-later
// ext4, as e2fsprogs implement it: mke2fs lays it out, libext2fs works on it through the simulated device,
// and e2fsck checks it.
//
// What the kernel's ext4 does beyond that: it keeps a journal and delays allocation. Here a sync writes
// metadata once, in place.
#pragma once

#include "tests/suite/file_system.h"

namespace suite {

class Ext4 final : public FileSystemType {
 public:
  void format(Rig& rig, const std::string& path) override;
  void with_mount(Rig& rig, const std::string& path, const std::function<void(FileSystem&)>& body) override;
};

}  // namespace suite
