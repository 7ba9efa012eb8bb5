// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/commands.h"

#include <fmt/core.h>

#include "sim/host/sha256.h"
#include "sim/text/regex_search.h"
#include "sim/text/split.h"

namespace sim::scenario {
namespace {

// The output of a command that prints nothing unless it fails.
Lines status_lines(dmcore::Status status) {
  return status.ok() ? Lines() : error_lines(status.error());
}

// The output of a command that reads: that of `complete` if the device has all of the range.
template <class Complete>
Lines read_lines(const dmcore::Result<std::int64_t>& read, std::int64_t sector,
                 std::optional<std::int64_t> count, Complete complete) {
  if (!read.ok()) return error_lines(read.error());
  if (count && *read < *count) return {fmt::format("short read at sector {}", sector + *read)};
  return complete();
}

}  // namespace

Lines Commands::perform(const language::DiskCommand& command) {
  const auto disk = host_.add_disk({.name = command.name,
                                    .size_bytes = command.size_bytes,
                                    .file = command.file,
                                    .options = {.logical_block_size = command.logical_block_size,
                                                .discard = command.discard,
                                                .discard_max_bytes = command.discard_max_bytes,
                                                .read_only = command.read_only,
                                                .timing = {.read_latency = command.read_latency,
                                                           .write_latency = command.write_latency,
                                                           .flush_latency = command.flush_latency,
                                                           .bytes_per_second = command.bytes_per_second}},
                                    .number = command.number});
  return status_lines(disk.status());
}

Lines Commands::perform(const language::DmsetupCommand& command) {
  const dmsetup::Outcome outcome = host_.dmsetup(command.arguments, command.input);
  for (const std::string_view line : lines_of(outcome.err)) errors_(line);
  Lines lines;
  for (const std::string_view line : lines_of(outcome.out)) lines.emplace_back(line);
  if (outcome.exit_code != 0) lines.push_back(fmt::format("exit {}", outcome.exit_code));
  return lines;
}

Lines Commands::perform(const language::WriteCommand& command) {
  const auto fill = [&command](dmcore::sector_t sector, std::span<std::byte> piece) {
    fill_pattern(command.pattern, sector, piece);
  };
  return status_lines(host_.write(command.device, command.sector, command.count, fill, command.fua));
}

Lines Commands::perform(const language::ReadCommand& command) {
  language::RunPrinter runs;
  const auto read = host_.read(
      command.device, command.sector, command.count,
      [&runs](dmcore::sector_t sector, std::span<const std::byte> piece) { runs.add(piece, sector); });
  return read_lines(read, command.sector, command.count,
                    [&] { return runs.finish(static_cast<dmcore::sector_t>(command.sector)); });
}

Lines Commands::perform(const language::Sha256Command& command) {
  host::Sha256 hash;
  const std::int64_t sector = command.whole ? 0 : command.sector;
  const auto count = command.whole ? std::nullopt : std::optional(command.count);
  const auto read =
      host_.read(command.device, sector, count,
                 [&hash](dmcore::sector_t, std::span<const std::byte> piece) { hash.add(piece); });
  return read_lines(read, sector, count, [&] { return Lines{hash.finish()}; });
}

Lines Commands::perform(const language::DiscardCommand& command) {
  return status_lines(host_.discard(command.device, command.sector, command.count));
}

Lines Commands::perform(const language::FlushCommand& command) {
  return status_lines(host_.flush(command.device));
}

Lines Commands::perform(const language::IostatCommand& command) {
  const auto counters = host_.take_io_counters(command.disk);
  if (!counters.ok()) return error_lines(counters.error());
  return {fmt::format("read={} written={} discarded={} flushes={}", counters->read_sectors,
                      counters->written_sectors, counters->discarded_sectors, counters->flushes)};
}

Lines Commands::perform(const language::SysfsCommand& command) {
  auto value = host_.sysfs(command.device, command.attribute);
  if (!value.ok()) return error_lines(value.error());
  return {*std::move(value)};
}

Lines Commands::perform(const language::PokeCommand& command) {
  return status_lines(host_.poke(command.disk, command.offset, command.bytes));
}

Lines Commands::perform(const language::LoadCommand& command) {
  return status_lines(host_.load(command.disk, command.file));
}

Lines Commands::perform(const language::SaveCommand& command) {
  return status_lines(host_.save(command.disk, command.file));
}

Lines Commands::perform(const language::SleepCommand& command) {
  host_.sleep_for(command.duration);
  return {};
}

Lines Commands::perform(const language::UntilCommand& command) {
  const std::vector<std::string> status = {"status", "--noflush", command.device};
  std::string seen;
  bool takes_too_long = false;
  const auto matches = [&] {
    seen = host_.dmsetup(status).out;
    const std::optional<bool> found = regex_found(seen, command.pattern);
    takes_too_long = !found;
    return found.value_or(true);
  };
  if (!host_.wait_until(matches, command.timeout)) return {fmt::format("timed out: {}", trimmed(seen))};
  if (takes_too_long) return {"the pattern takes too long to match"};
  return {};
}

}  // namespace sim::scenario
