// SPDX-License-Identifier: GPL-2.0-or-later
// Files that hold the metadata of a clone, named on the command line.
#pragma once

#include <memory>
#include <string>

#include "sim/restore/image.h"
#include "sim/store/file_store.h"

namespace sim::cli {

// Why FileStore::open_to_inspect() refuses a file, in words for who wants to read its metadata.
std::string why_not_inspected(dmcore::Errno error);
// Opens it. Throws Mistake, which names the file and the reason.
std::unique_ptr<FileStore> open_metadata(const std::string& file);

// Whether a new image may go to `file`: not onto a device or a pipe, since only a file can appear as a whole,
// and not onto one that it is made of. Throws Mistake.
void refuse_output(const std::string& file, const std::string& input);
// Throws Failure; then what was there before is still there.
void save(restore::Image& image, const std::string& file);

}  // namespace sim::cli
