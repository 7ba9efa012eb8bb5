// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/themes.h"
namespace sim::generate {
void damage(Bench& bench) {
  plain_io(bench);
}
}  // namespace sim::generate
