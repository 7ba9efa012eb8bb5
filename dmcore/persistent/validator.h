// SPDX-License-Identifier: GPL-2.0-or-later
// What tells a good metadata block from a bad one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/log.h"

namespace dmcore {

// The number of a metadata block: its position on the metadata device, in blocks.
using block_t = std::uint64_t;

// One for each kind of block; has no state. A block keeps the validator it was first locked with for as long
// as it is cached (struct dm_block_validator).
class BlockValidator {
 public:
  explicit constexpr BlockValidator(const char* name) : name_(name) {}
  BlockValidator(const BlockValidator&) = delete;
  BlockValidator& operator=(const BlockValidator&) = delete;
  virtual ~BlockValidator() = default;

  [[nodiscard]] const char* name() const { return name_; }

  // Called just before a block is written: stores its number and its checksum in it. Must not sleep.
  virtual void prepare_for_write(block_t location, std::span<std::byte> block) const = 0;
  // Called when a block that was read is first locked. Logs what is wrong.
  virtual Status check(KernelLog& log, block_t location, std::span<const std::byte> block) const = 0;

 private:
  const char* name_;
};

// The part that the validators of the persistent-data library share: a header of type `Header` with `csum`,
// its first field, and `blocknr`. `prefix` and `what` make the log lines: "PREFIX: WHAT failed: csum 1 !=
// wanted 2".
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
  // What else is to be checked of a block whose number and checksum are right.
  virtual Status check_contents(KernelLog&, const Header&, std::size_t /*block_bytes*/) const { return {}; }

  Wording wording_;
  std::uint32_t csum_xor_;
};

}  // namespace dmcore
