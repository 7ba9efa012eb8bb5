// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/bio_opf.h"

#include <array>

namespace dmcore {

namespace {

std::uint32_t op_number(BioOp op) {
  switch (op) {
    case BioOp::read:
      return 0;
    case BioOp::write:
      return 1;
    case BioOp::discard:
      return 3;
    case BioOp::secure_erase:
      return 5;
    case BioOp::write_zeroes:
      return 9;
  }
  return 0;
}

struct FlagBit {
  BioFlag flag;
  unsigned bit;
};
// REQ_OP_BITS is 8, and the first three flags are about retries.
constexpr std::array flag_bits{
    FlagBit{bio_sync, 11},     FlagBit{bio_meta, 12},   FlagBit{bio_prio, 13},
    FlagBit{bio_nomerge, 14},  FlagBit{bio_idle, 15},   FlagBit{bio_fua, 17},
    FlagBit{bio_preflush, 18}, FlagBit{bio_nowait, 21}, FlagBit{bio_nounmap, 27},
};

}  // namespace

std::uint32_t bio_opf(const Bio& bio) {
  std::uint32_t number = op_number(bio.op);
  for (const FlagBit& flag : flag_bits) {
    if (bio.has(flag.flag)) number |= 1U << flag.bit;
  }
  return number;
}

}  // namespace dmcore
