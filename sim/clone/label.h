// SPDX-License-Identifier: GPL-2.0-or-later
// Labels of the files of a clone that is not finished: how a later run knows them again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dmcore/kernel/types.h"

#include "sim/clone/label_format.h"
#include "sim/store/store.h"

namespace sim::clone {

// Says which two files belong together.
using Token = std::array<std::uint8_t, token_bytes>;

// One that no other clone has.
Token new_token();

struct Label {
  Token token{};  // zero: there is no metadata file
  LabelState state = LabelState::prepared;
  std::uint64_t source_bytes = 0;
  std::uint64_t source_mtime_ns = 0;
  dmcore::sector_t region_size = 0;

  [[nodiscard]] bool has_metadata() const { return token != Token{}; }
};

// From a store's end; nothing if there is none.
dmcore::Result<std::optional<Label>> read_label(const Store& store);
// Over the store's last bytes.
dmcore::Status write_label(Store& store, const Label& label);

}  // namespace sim::clone
