// SPDX-License-Identifier: GPL-2.0-or-later
// The definitions of ChecksumValidator, for the files that define a kind of block.
#pragma once

#include <fmt/format.h>

#include "dmcore/persistent/checksum.h"
#include "dmcore/persistent/validator.h"

namespace dmcore {

template <class Header>
void ChecksumValidator<Header>::prepare_for_write(block_t location, std::span<std::byte> block) const {
  auto& header = *reinterpret_cast<Header*>(block.data());
  header.blocknr = location;
  header.csum = block_checksum(block, csum_xor_);
}

template <class Header>
Status ChecksumValidator<Header>::check(KernelLog& log, block_t location,
                                        std::span<const std::byte> block) const {
  const auto& header = *reinterpret_cast<const Header*>(block.data());
  if (location != header.blocknr) {
    if (log.ratelimit(fmt::format("{} blocknr", wording_.what))) {
      log.err(wording_.prefix, "{} failed: blocknr {} != wanted {}", wording_.what, header.blocknr.value(),
              location);
    }
    return Errno::notblk;
  }
  const std::uint32_t csum = block_checksum(block, csum_xor_);
  if (csum != header.csum) {
    if (log.ratelimit(fmt::format("{} csum", wording_.what))) {
      log.err(wording_.prefix, "{} failed: csum {} != wanted {}", wording_.what, csum, header.csum.value());
    }
    return Errno::ilseq;
  }
  return check_contents(log, header, block.size());
}

}  // namespace dmcore
