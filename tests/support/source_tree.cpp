// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/source_tree.h"

namespace test {

std::filesystem::path source_dir() {
  return DMSIM_SOURCE_DIR;
}

}  // namespace test
