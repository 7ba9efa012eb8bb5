// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/letters.h"

#include <cctype>

#include "dmcore/block/lib.h"

#include "sim/language/pattern.h"

#include "tests/rig/failure.h"

namespace test {

namespace {

using dmcore::sector_t;
using sim::language::Pattern;

Pattern pattern_of(char letter) {
  if (letter == '.') return {};
  if (std::islower(static_cast<unsigned char>(letter)) == 0)
    return {.kind = Pattern::Kind::fill, .byte = letter, .letter = {}};
  const auto capital = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return {.kind = Pattern::Kind::stamp, .byte = 0, .letter = std::string(1, capital)};
}

char letter_of(std::span<const std::byte> data, sector_t sector) {
  const std::string name = sim::language::sector_name(data, sector);
  if (name == "zero") return '.';
  if (name.size() == 1 && std::islower(static_cast<unsigned char>(name[0])) == 0) return name[0];
  if (name.size() == 2 && name[0] == '@')
    return static_cast<char>(std::tolower(static_cast<unsigned char>(name[1])));
  return '?';
}

}  // namespace

std::vector<std::byte> bytes_of(std::string_view letters, sector_t sector) {
  std::vector<std::byte> data(dmcore::to_bytes(letters.size()));
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::span piece = std::span(data).subspan(dmcore::to_bytes(i), dmcore::sector_size);
    sim::language::fill_pattern(pattern_of(letters[i]), sector + i, piece);
  }
  return data;
}

std::string letters_of(std::span<const std::byte> data, sector_t sector) {
  std::string letters;
  for (; !data.empty(); data = data.subspan(dmcore::sector_size))
    letters += letter_of(data.first(dmcore::sector_size), sector++);
  return letters;
}

dmcore::Status write_letters(dmcore::BlockDevice& device, sector_t sector, std::string_view letters,
                             std::uint16_t flags) {
  return dmcore::write_sectors(device, sector, bytes_of(letters, sector), flags);
}

std::string read_letters(dmcore::BlockDevice& device, sector_t sector, sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count), std::byte{'~'});
  const dmcore::Status status = dmcore::read_sectors(device, sector, data);
  return status.ok() ? letters_of(data, sector) : std::string(dmcore::errno_name(status.error()));
}

void store_letters(sim::VirtualDisk& disk, sector_t sector, std::string_view letters) {
  check(disk.poke(dmcore::to_bytes(sector), bytes_of(letters, sector)), "change of a disk at rest");
}

std::string stored_letters(sim::VirtualDisk& disk, sector_t sector, sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count));
  check(disk.store().read(dmcore::to_bytes(sector), data), "read of a disk at rest");
  return letters_of(data, sector);
}

}  // namespace test
