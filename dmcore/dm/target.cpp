// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/target.h"

#include <fmt/format.h>
#include <limits>

#include "dmcore/dm/io.h"
#include "dmcore/dm/mapped_device.h"
#include "dmcore/dm/table.h"

namespace dmcore {

namespace {

// All bios that targets get are TargetIos.
TargetIo& target_io(Bio& bio) {
  return static_cast<TargetIo&>(bio);
}

}  // namespace

Result<TableDevice*> Target::get_device(std::string_view path, OpenMode mode) {
  return table_.get_device(path, mode);
}

void Target::put_device(TableDevice* device) {
  table_.put_device(device);
}

Status Target::set_max_io_len(sector_t sectors) {
  constexpr std::uint32_t limit = std::numeric_limits<std::uint32_t>::max();
  if (sectors > limit) {
    log().err(core_log_prefix, "Specified maximum size of target IO ({}) exceeds limit ({})", sectors, limit);
    return fail("Maximum size of target IO is too large");
  }
  max_io_len = static_cast<std::uint32_t>(sectors);
  return {};
}

const std::string& Target::device_name() const {
  return table_.device_name();
}

Kernel& Target::kernel() const {
  return table_.kernel();
}

bool Target::suspended() const {
  return table_.md().suspended();
}

unsigned target_bio_nr(const Bio& bio) {
  return static_cast<const TargetIo&>(bio).target_bio_nr;
}

void* per_bio_data(Bio& bio) {
  return target_io(bio).per_bio_data;
}

void accept_partial_bio(Bio& bio, sector_t sectors) {
  TargetIo& clone = target_io(bio);
  MappedIo& io = *clone.io;
  const sector_t offered = bio.sectors();
  // Not for flushes, which have no sectors, nor for duplicates, which would have to agree on the length.
  if (clone.is_duplicate || clone.accepted == nullptr || offered > *clone.accepted || sectors > offered) {
    io.md->kernel().runtime().violation(fmt::format(
        "a target accepts {} sectors of a bio that cannot be taken in part: {}", sectors, describe(bio)));
  }
  *clone.accepted -= offered - sectors;
  bio.size = static_cast<std::uint32_t>(to_bytes(sectors));
  io.was_split = true;
  io.sectors = sectors;
  io.offset_from_end = io.original->sectors();
}

}  // namespace dmcore
