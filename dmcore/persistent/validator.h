// SPDX-License-Identifier: GPL-2.0-or-later
// Validation of metadata blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/log.h"

namespace dmcore {

// dm_block_t: the number of a metadata block on its device.
using block_t = std::uint64_t;

// struct dm_block_validator: one for each kind of block, without state. A block keeps the validator with
// which it was first locked for as long as it is cached.
class BlockValidator {
 public:
  explicit constexpr BlockValidator(const char* name) : name_(name) {}
  BlockValidator(const BlockValidator&) = delete;
  BlockValidator& operator=(const BlockValidator&) = delete;
  virtual ~BlockValidator() = default;

  [[nodiscard]] const char* name() const { return name_; }

  // Called before a block is written: sets its number and checksum. Must not sleep.
  virtual void prepare_for_write(block_t location, std::span<std::byte> block) const = 0;
  // Called when a block that was read is first locked. Logs errors.
  virtual Status check(KernelLog& log, block_t location, std::span<const std::byte> block) const = 0;

 private:
  const char* name_;
};

// The common part of the validators of the persistent-data library: blocks that begin with a `Header` with
// the fields `csum`, which is the first, and `blocknr`. Log lines are "PREFIX: WHAT failed: csum 1 != wanted
// 2".
template <class Header>
class ChecksumValidator : public BlockValidator {
 public:
  struct Wording {
    const char* name;
    std::string_view prefix;
    std::string_view what;
  };
  constexpr ChecksumValidator(const Wording& wording, std::uint32_t csum_xor)
      : BlockValidator(wording.name), wording_(wording), csum_xor_(csum_xor) {}

  void prepare_for_write(block_t location, std::span<std::byte> block) const final;
  Status check(KernelLog& log, block_t location, std::span<const std::byte> block) const final;

 private:
  // Further checks of a block whose number and checksum are correct.
  virtual Status check_contents(KernelLog&, const Header&, std::size_t /*block_bytes*/) const { return {}; }

  Wording wording_;
  std::uint32_t csum_xor_;
};

}  // namespace dmcore
