// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/superblock.h"

#include "dmcore/persistent/checksum.h"

#include "dmclone/log_prefix.h"

namespace dmclone {

namespace {

using dmcore::Errno;
using dmcore::Status;

class SuperblockValidator final : public dmcore::BlockValidator {
 public:
  constexpr SuperblockValidator() : BlockValidator("superblock") {}

  void prepare_for_write(dmcore::block_t location, std::span<std::byte> block) const override {
    auto& superblock = *reinterpret_cast<SuperblockDisk*>(block.data());
    superblock.blocknr = location;
    superblock.csum = dmcore::block_checksum(block, superblock_csum_xor);
  }

  Status check(dmcore::KernelLog& log, dmcore::block_t location,
               std::span<const std::byte> block) const override {
    const auto& superblock = *reinterpret_cast<const SuperblockDisk*>(block.data());
    if (location != superblock.blocknr) {
      return log.fail(Errno::notblk, metadata_log_prefix, "Superblock check failed: blocknr {}, expected {}",
                      superblock.blocknr.value(), location);
    }
    if (superblock.magic != superblock_magic) {
      return log.fail(Errno::ilseq, metadata_log_prefix, "Superblock check failed: magic {}, expected {}",
                      superblock.magic.value(), superblock_magic);
    }
    if (const std::uint32_t csum = dmcore::block_checksum(block, superblock_csum_xor);
        csum != superblock.csum) {
      return log.fail(Errno::ilseq, metadata_log_prefix, "Superblock check failed: checksum {}, expected {}",
                      csum, superblock.csum.value());
    }
    const std::uint32_t version = superblock.version;
    if (version < metadata_version_min || version > metadata_version_max) {
      return log.fail(Errno::inval, metadata_log_prefix,
                      "Clone metadata version {} found, but only versions between {} and {} supported.",
                      version, metadata_version_min, metadata_version_max);
    }
    return {};
  }
};

}  // namespace

const dmcore::BlockValidator& superblock_validator() {
  static constinit const SuperblockValidator validator;
  return validator;
}

}  // namespace dmclone
