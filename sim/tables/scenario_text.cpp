// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/scenario_text.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <string_view>

#include "dmcore/dm/dm.h"

#include "sim/libdm/table_text.h"
#include "sim/text/words.h"

namespace sim::tables {

namespace {

using std::chrono::nanoseconds;

// In the largest unit in which it is a whole number.
std::string duration_text(dmcore::Duration duration) {
  struct Unit {
    nanoseconds size;
    std::string_view name;
  };
  constexpr std::array units = {Unit{std::chrono::seconds(1), "s"}, Unit{std::chrono::milliseconds(1), "ms"},
                                Unit{std::chrono::microseconds(1), "us"}, Unit{nanoseconds(1), "ns"}};
  for (const Unit& unit : units) {
    if (duration % unit.size == nanoseconds(0)) return fmt::format("{}{}", duration / unit.size, unit.name);
  }
  return {};
}

std::string timing_text(const DiskTiming& timing) {
  std::string text;
  const auto add = [&](std::string_view name, dmcore::Duration latency) {
    if (latency != dmcore::Duration(0)) text += fmt::format(" {}={}", name, duration_text(latency));
  };
  add("read_latency", timing.read_latency);
  add("write_latency", timing.write_latency);
  add("flush_latency", timing.flush_latency);
  return text;
}

// What a disk's options say of it are whole sectors.
std::string size_text(std::uint64_t bytes) {
  struct Unit {
    unsigned shift;
    char letter;
  };
  constexpr std::array units = {Unit{40, 'T'}, Unit{30, 'G'}, Unit{20, 'M'}, Unit{10, 'K'}};
  for (const Unit& unit : units) {
    if (bytes % (std::uint64_t{1} << unit.shift) == 0)
      return fmt::format("{}{}", bytes >> unit.shift, unit.letter);
  }
  return fmt::format("{}s", dmcore::to_sectors(bytes));
}

}  // namespace

std::string disk_command(const host::DiskSpec& disk) {
  const DiskOptions defaults;
  std::string command = "disk " + shlex_quote(disk.name);
  if (disk.size_bytes) command += fmt::format(" {}s", dmcore::to_sectors(*disk.size_bytes));
  if (disk.number) command += fmt::format(" number={}", to_string(*disk.number));
  if (disk.options.read_only) command += " ro";
  if (disk.options.logical_block_size != defaults.logical_block_size)
    command += fmt::format(" logical_block_size={}", disk.options.logical_block_size);
  if (!disk.options.discard) command += " discard=off";
  if (disk.options.discard && disk.options.discard_max_bytes != 0)
    command += " discard=" + size_text(disk.options.discard_max_bytes);
  command += timing_text(disk.options.timing);
  if (disk.options.timing.bytes_per_second != 0)
    command += " bandwidth=" + size_text(disk.options.timing.bytes_per_second);
  return command;
}

std::string create_command(const NewDevice& device) {
  // A name that looks like an option comes last, where nothing is one.
  const bool looks_like_option = device.name.starts_with('-');
  std::string command = "dmsetup create";
  if (!looks_like_option) command += " " + shlex_quote(device.name);
  if (device.options.read_only) command += " --readonly";
  if (!device.options.uuid.empty()) command += " --uuid " + shlex_quote(device.options.uuid);
  if (device.options.minor)
    command += fmt::format(" -j {} -m {}", dmcore::DeviceMapper::major, *device.options.minor);
  command +=
      device.table.empty() ? " --notable" : " --table " + shlex_quote(libdm::format_table(device.table));
  if (looks_like_option) command += " -- " + shlex_quote(device.name);
  return command;
}

std::vector<std::string> commands_for(const std::vector<Made>& made) {
  std::vector<std::string> commands;
  for (const Made& one : made) {
    const auto* disk = std::get_if<host::DiskSpec>(&one);
    commands.push_back(disk != nullptr ? disk_command(*disk) : create_command(std::get<NewDevice>(one)));
  }
  return commands;
}

}  // namespace sim::tables
