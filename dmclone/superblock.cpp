// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/superblock.h"

#include "dmcore/persistent/checksum.h"

namespace dmclone {

namespace {

using dmcore::Errno;
using dmcore::Status;

constexpr std::string_view log_prefix = "clone metadata";

class SuperblockValidator final : public dmcore::BlockValidator {
 public:
  SuperblockValidator() : BlockValidator("superblock") {}

  void prepare_for_write(dmcore::block_t location, std::span<std::byte> block) const override {
    auto& superblock = *reinterpret_cast<SuperblockDisk*>(block.data());
    superblock.blocknr = location;
    superblock.csum = dmcore::block_checksum(block, superblock_csum_xor);
  }

  Status check(dmcore::KernelLog& log, dmcore::block_t location,
               std::span<const std::byte> block) const override {
    const auto& superblock = *reinterpret_cast<const SuperblockDisk*>(block.data());
    if (location != superblock.blocknr) {
      log.err(log_prefix, "Superblock check failed: blocknr {}, expected {}", superblock.blocknr.value(),
              location);
      return Errno::notblk;
    }
    if (superblock.magic != superblock_magic) {
      log.err(log_prefix, "Superblock check failed: magic {}, expected {}", superblock.magic.value(),
              superblock_magic);
      return Errno::ilseq;
    }
    if (const std::uint32_t csum = dmcore::block_checksum(block, superblock_csum_xor);
        csum != superblock.csum) {
      log.err(log_prefix, "Superblock check failed: checksum {}, expected {}", csum, superblock.csum.value());
      return Errno::ilseq;
    }
    const std::uint32_t version = superblock.version;
    if (version < metadata_version_min || version > metadata_version_max) {
      log.err(log_prefix, "Clone metadata version {} found, but only versions between {} and {} supported.",
              version, metadata_version_min, metadata_version_max);
      return Errno::inval;
    }
    return {};
  }
};

}  // namespace

const dmcore::BlockValidator& superblock_validator() {
  static const SuperblockValidator validator;
  return validator;
}

}  // namespace dmclone
