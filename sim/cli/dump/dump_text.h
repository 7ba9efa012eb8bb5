// SPDX-License-Identifier: GPL-2.0-or-later
// Dumps of metadata as text: XML in the style of thin_dump, and JSON with the same names.
//
//   <superblock uuid="" version="1" flags="0" region_size="8" target_size="1000" nr_regions="125">
//     <layout device_size="8192" .../>
//     <hydrated begin="0" length="1"/>
//     <lost begin="64" length="61"/>
//   </superblock>
//
// Sizes are in sectors. Ranges of each kind ascend. Without `layout` nothing is known of a device.
#pragma once

#include <string>

#include "sim/metadata/contents.h"

namespace sim::cli {

std::string xml_of(const metadata::Contents& contents);
std::string json_of(const metadata::Contents& contents);

// What begins with '{' is JSON. Throws Mistake, which names the file and the place in it, for what is no dump
// or cannot be the metadata of a clone.
metadata::Contents read_dump(const std::string& file, const std::string& text);

}  // namespace sim::cli
