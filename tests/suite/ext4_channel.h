// SPDX-License-Identifier: GPL-2.0-or-later
// libext2fs' way to its device: an io_manager over a page cache.
#pragma once

#include <ext2fs/ext2fs.h>

#include "tests/suite/page_cache.h"

namespace suite {

// ext2fs_open2() on a cache. The cache must outlive the file system. Throws test::Failure.
ext2_filsys open_ext4(PageCache& cache);

// Throws test::Failure with libext2fs' words for the error, unless it is 0.
void check_ext4(errcode_t error, const std::string& what);

}  // namespace suite
