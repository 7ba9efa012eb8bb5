// SPDX-License-Identifier: GPL-2.0-or-later
// Data as text: a letter is a sector.
//
//   A   a capital letter, or a digit: every byte is that
//   a   a small letter: the stamp of this sector in capitals, as the scenario language's @A writes it. A
//   stamp that is read
//       where it was not written is '?', so that a sector which comes from the wrong place shows
//   .   zeroes
//   ?   anything else (only read)
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/block/block_device.h"

#include "sim/disk/virtual_disk.h"

namespace test {

// The bytes of sectors, the first of which is number `sector`.
std::vector<std::byte> bytes_of(std::string_view letters, dmcore::sector_t sector);
std::string letters_of(std::span<const std::byte> data, dmcore::sector_t sector);

// As one bio. Process context. `flags` are BioFlags.
dmcore::Status write_letters(dmcore::BlockDevice& device, dmcore::sector_t sector, std::string_view letters,
                             std::uint16_t flags = 0);
// The name of the errno if it fails.
std::string read_letters(dmcore::BlockDevice& device, dmcore::sector_t sector, dmcore::sector_t count);

// The content of a disk at rest.
void store_letters(sim::VirtualDisk& disk, dmcore::sector_t sector, std::string_view letters);
std::string stored_letters(sim::VirtualDisk& disk, dmcore::sector_t sector, dmcore::sector_t count);

}  // namespace test
