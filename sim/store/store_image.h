// SPDX-License-Identifier: GPL-2.0-or-later
// A store's content as bytes, as files and as a copy.
#pragma once

#include <string>

#include "sim/store/store.h"

namespace sim {

// Writes `data` to the store's beginning; what is behind stays. Zeroes cost nothing in the store. Data beyond
// the store's end is left out, as a block device over a longer file would.
dmcore::Status load_image(Store& store, std::span<const std::byte> data);

// Writes the whole content to a new sparse file, or over an old one.
dmcore::Status save_image(const Store& store, const std::string& path);

// Makes `to`, which is all zero and at least as large, equal to `from`.
dmcore::Status copy_store(const Store& from, Store& to);

// Whether a store holds nothing but zeroes.
dmcore::Result<bool> is_blank(const Store& store);

}  // namespace sim
