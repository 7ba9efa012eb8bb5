// SPDX-License-Identifier: GPL-2.0-or-later
// Repairs of bugs that Linux has, and that are here because it has them: docs/findings.md. All are off,
// unless something is put in before anything runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dmcore/kernel/choices.h"

namespace dmcore {

enum class Fix : std::uint8_t {
  fua_overwrite,
  discard_under_copy,
  reread_metadata,
  kcopyd_wake,
};
inline constexpr std::size_t fix_count = static_cast<std::size_t>(Fix::kcopyd_wake) + 1;

using Fixes = Choices<Fix>;

}  // namespace dmcore
