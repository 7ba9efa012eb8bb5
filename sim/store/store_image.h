// SPDX-License-Identifier: GPL-2.0-or-later
// Images of stores: in memory, in files, and copies.
#pragma once

#include <string>

#include "sim/store/store.h"

namespace sim {

// Writes `data` to the store's beginning. Zeroes need no memory. Data beyond the store's end are ignored,
// like the rest of a file that is longer than its block device.
dmcore::Status load_image(Store& store, std::span<const std::byte> data);

// Writes the whole content to a sparse file, which is created or replaced.
dmcore::Status save_image(const Store& store, const std::string& path);

// Copies the content to `to`, which must be all zero and at least as large.
dmcore::Status copy_store(const Store& from, Store& to);

// Whether all bytes are zero.
dmcore::Result<bool> is_blank(const Store& store);

}  // namespace sim
