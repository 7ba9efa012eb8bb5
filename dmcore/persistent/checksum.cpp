// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/checksum.h"

#include <isa-l/crc.h>

namespace dmcore {

std::uint32_t block_checksum(std::span<const std::byte> block, std::uint32_t xor_with) {
  const std::span<const std::byte> covered = block.subspan(sizeof(std::uint32_t));
  // ISA-L's parameter is not const, but it only reads.
  auto* bytes = const_cast<unsigned char*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
      reinterpret_cast<const unsigned char*>(covered.data()));
  return crc32_iscsi(bytes, static_cast<int>(covered.size()), ~0U) ^ xor_with;
}

}  // namespace dmcore
