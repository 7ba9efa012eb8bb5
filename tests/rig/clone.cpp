// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/clone.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/language/pattern.h"

#include "tests/rig/failure.h"
#include "tests/rig/letters.h"

namespace test {

namespace {

std::string path_of(const sim::VirtualDisk& disk) {
  return "/dev/" + disk.name();
}

// Writes only where tests read, to save memory: a source of terabytes holds stamps at its
// beginning.
constexpr sector_t stamped_sectors_max = 1U << 14U;

void stamp(sim::VirtualDisk& disk, sector_t sectors) {
  constexpr sector_t piece_sectors = 2048;
  std::vector<std::byte> piece;
  for (sector_t at = 0; at < sectors; at += piece_sectors) {
    piece.resize(dmcore::to_bytes(std::min(piece_sectors, sectors - at)));
    sim::language::fill_pattern({.kind = sim::language::Pattern::Kind::stamp, .byte = 0, .letter = "S"}, at,
                                piece);
    check(disk.poke(dmcore::to_bytes(at), piece), "stamps on the source");
  }
}

}  // namespace

sim::host::Target clone_target(const CloneShape& shape, const std::string& metadata,
                               const std::string& destination, const std::string& source) {
  std::string params = fmt::format("{} {} {} {} {}", metadata, destination, source, shape.region_sectors,
                                   shape.features.size());
  for (const std::string& feature : shape.features) params += " " + feature;
  params += fmt::format(" {}", shape.core_arguments.size() * 2);
  for (const auto& [key, value] : shape.core_arguments) params += fmt::format(" {} {}", key, value);
  return {0, shape.sectors, "clone", params};
}

sim::host::Target linear_target(sector_t sectors, const std::string& device, sector_t offset) {
  return {0, sectors, "linear", fmt::format("{} {}", device, offset)};
}

Clone::Clone(Machine& machine, CloneShape shape)
    : machine_(machine),
      shape_(std::move(shape)),
      metadata_(machine.add_disk(shape_.metadata_sectors)),
      destination_(machine.add_disk(shape_.sectors, shape_.destination_options)),
      source_(machine.add_disk(shape_.sectors, shape_.source_options)) {
  stamp(source_, std::min(shape_.sectors, stamped_sectors_max));
}

sim::host::Table Clone::table() const {
  return {clone_target(shape_, path_of(metadata_), path_of(destination_), path_of(source_))};
}

void Clone::create() {
  checked(machine_.host().dm().create(name, table()), "create");
}

void Clone::remove() {
  checked(machine_.host().dm().remove(name), "remove");
}

void Clone::reload(const CloneShape& shape) {
  shape_ = shape;
  suspend();
  checked(machine_.host().dm().load(name, table()), "load");
  resume();
}

void Clone::suspend() {
  checked(machine_.host().dm().suspend(name), "suspend");
}

void Clone::resume() {
  checked(machine_.host().dm().resume(name), "resume");
}

void Clone::message(const std::string& words) {
  checked(machine_.host().dm().message(name, 0, words), "message " + words);
}

sim::host::CloneStatus Clone::status() {
  return checked(machine_.host().dm().clone_status(name), "status");
}

void Clone::write(sector_t sector, std::string_view letters, bool dsync) {
  check(machine_.host().write(name, static_cast<std::int64_t>(sector), bytes_of(letters, sector), dsync),
        "write");
}

std::string Clone::read(sector_t sector, sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count));
  const dmcore::Status status = machine_.host().read(name, static_cast<std::int64_t>(sector), data);
  return status.ok() ? letters_of(data, sector) : std::string(dmcore::errno_name(status.error()));
}

void Clone::discard(sector_t sector, sector_t count) {
  check(machine_.host().discard(name, static_cast<std::int64_t>(sector), static_cast<std::int64_t>(count)),
        "discard");
}

void Clone::flush() {
  check(machine_.host().flush(name), "flush");
}

void Clone::wait_until_hydrated() {
  if (!machine_.host().wait_until([this] { return status().hydrated(); }, std::chrono::minutes(10)))
    throw Failure("the clone is not hydrated after ten minutes");
}

}  // namespace test
