// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes in sectors, as the original suites write them.
#pragma once

#include "dmcore/kernel/types.h"

namespace suite {

using dmcore::sector_t;

constexpr sector_t kib(sector_t n) {
  return n * 2;
}
constexpr sector_t mib(sector_t n) {
  return kib(n) * 1024;
}
constexpr sector_t gib(sector_t n) {
  return mib(n) * 1024;
}

}  // namespace suite
