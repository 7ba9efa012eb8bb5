// SPDX-License-Identifier: GPL-2.0-or-later
// XFS' own tools, asked for what a tree of files would look like.
#pragma once

#include "tests/suite/xfs.h"

namespace suite {

// A file system of that size with these files, of which only path and size matter. Throws
// test::HostCommandFailed if it cannot be.
XfsLayout lay_out_xfs(sector_t size, const std::vector<XfsLayout::File>& files);

// xfs_repair -n. Throws test::HostCommandFailed if something is wrong.
void check_xfs(const std::string& image_file);

}  // namespace suite
