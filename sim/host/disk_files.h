// SPDX-License-Identifier: GPL-2.0-or-later
// A disk's content from a file and into one, behind everyone's back.
#pragma once

#include <string>

#include "sim/disk/virtual_disk.h"

namespace sim::host {

// Overwrites the beginning of a disk with a file's content, unpacked if it is an xz file; what is too much is
// dropped. ENOENT, or another error of the host's, if the file cannot be read; EINVAL if an xz file is
// damaged, and then some of the disk may have changed.
dmcore::Status load_disk(VirtualDisk& disk, const std::string& path);

// Writes a disk's content to a file: as it is, sparse; or packed if the name ends in ".xz". If that fails,
// what was there before stays. EBUSY if the file is a disk itself.
dmcore::Status save_disk(VirtualDisk& disk, const std::string& path);

}  // namespace sim::host
