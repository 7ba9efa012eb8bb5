// SPDX-License-Identifier: GPL-2.0-or-later
// The label of a clone that is not finished: the last 4096 bytes of DESTINATION.partial and of the file that
// --metadata names. docs/formats.md describes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dmcore/persistent/endian.h"

namespace sim::clone {

inline constexpr std::uint64_t label_bytes = 4096;
inline constexpr std::array<char, 16> label_magic = {'d', 'm', 's', 'i', 'm', ' ', 'c', 'l',
                                                     'o', 'n', 'e', ' ', 'f', 'i', 'l', 'e'};
inline constexpr std::uint32_t label_version = 1;
inline constexpr std::uint32_t label_csum_xor = 0x636c6f6e;
inline constexpr std::size_t token_bytes = 16;

// The rest is zero.
struct LabelDisk {
  dmcore::le32 csum;                            // of everything after it, to the end of the label
  dmcore::le32 version;                         // label_version
  std::array<char, 16> magic;                   // label_magic
  std::array<std::uint8_t, token_bytes> token;  // the same in both files; zero without --metadata
  dmcore::le64 state;                           // a LabelState
  dmcore::le64 source_bytes;                    // the size of SOURCE
  dmcore::le64 source_mtime_ns;                 // and when it was changed last, in nanoseconds since 1970
  dmcore::le64 region_size;                     // sectors
};
static_assert(offsetof(LabelDisk, csum) == 0);
static_assert(offsetof(LabelDisk, version) == 4);
static_assert(offsetof(LabelDisk, magic) == 8);
static_assert(offsetof(LabelDisk, token) == 24);
static_assert(offsetof(LabelDisk, state) == 40);
static_assert(offsetof(LabelDisk, source_bytes) == 48);
static_assert(offsetof(LabelDisk, source_mtime_ns) == 56);
static_assert(offsetof(LabelDisk, region_size) == 64);
static_assert(sizeof(LabelDisk) == 72);

// How far the clone has come, as far as its files are concerned.
enum class LabelState : std::uint64_t {
  prepared = 1,  // nothing has been copied
  copying = 2,   // both files are complete, and the metadata say what has been copied
  complete = 3,  // DESTINATION.partial holds everything, and only has to get its name
};

}  // namespace sim::clone
