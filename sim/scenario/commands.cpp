// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/commands.h"

#include <fmt/core.h>

#include "sim/host/sha256.h"
#include "sim/text/regex_search.h"
#include "sim/text/split.h"

namespace sim::scenario {
namespace {

// The output of a command that prints nothing unless it fails.
CommandOutput output_of(dmcore::Status status) {
  return status.ok() ? CommandOutput() : failed_with(status.error());
}

// The output of a command that reads: that of `complete` if the device has all of the range.
template <class Complete>
CommandOutput output_of_read(const dmcore::Result<std::int64_t>& read, std::int64_t sector,
                             std::optional<std::int64_t> count, Complete complete) {
  if (!read.ok()) return failed_with(read.error());
  if (count && *read < *count) return {{fmt::format("short read at sector {}", sector + *read)}, true};
  return {complete()};
}

}  // namespace

DiskOptions disk_options(const language::DiskCommand& command) {
  return {.logical_block_size = command.logical_block_size,
          .discard = command.discard,
          .discard_max_bytes = command.discard_max_bytes,
          .read_only = command.read_only,
          .volatile_cache = command.volatile_cache,
          .timing = {.read_latency = command.read_latency,
                     .write_latency = command.write_latency,
                     .flush_latency = command.flush_latency,
                     .bytes_per_second = command.bytes_per_second}};
}

CommandOutput Commands::perform(const language::DiskCommand& command) {
  const auto disk = host_.add_disk({.name = command.name,
                                    .size_bytes = command.size_bytes,
                                    .file = command.file,
                                    .options = disk_options(command),
                                    .faults = command.faults,
                                    .number = command.number});
  return output_of(disk.status());
}

CommandOutput Commands::perform(const language::DmsetupCommand& command) {
  const dmsetup::Outcome outcome = host_.dmsetup(command.arguments, command.input);
  for (const std::string_view line : lines_of(outcome.err)) errors_(line);
  Lines lines;
  for (const std::string_view line : lines_of(outcome.out)) lines.emplace_back(line);
  const bool failed = outcome.exit_code != 0;
  if (failed) lines.push_back(fmt::format("exit {}", outcome.exit_code));
  return {std::move(lines), failed};
}

CommandOutput Commands::perform(const language::WriteCommand& command) {
  const auto fill = [&command](dmcore::sector_t sector, std::span<std::byte> piece) {
    fill_pattern(command.pattern, sector, piece);
  };
  return output_of(host_.write(command.device, command.sector, command.count, fill, command.fua));
}

CommandOutput Commands::perform(const language::ReadCommand& command) {
  language::RunPrinter runs;
  const auto read = host_.read(
      command.device, command.sector, command.count,
      [&runs](dmcore::sector_t sector, std::span<const std::byte> piece) { runs.add(piece, sector); });
  return output_of_read(read, command.sector, command.count,
                        [&] { return runs.finish(static_cast<dmcore::sector_t>(command.sector)); });
}

CommandOutput Commands::perform(const language::Sha256Command& command) {
  host::Sha256 hash;
  const std::int64_t sector = command.whole ? 0 : command.sector;
  const auto count = command.whole ? std::nullopt : std::optional(command.count);
  const auto read =
      host_.read(command.device, sector, count,
                 [&hash](dmcore::sector_t, std::span<const std::byte> piece) { hash.add(piece); });
  return output_of_read(read, sector, count, [&] { return Lines{hash.finish()}; });
}

CommandOutput Commands::perform(const language::DiscardCommand& command) {
  return output_of(host_.discard(command.device, command.sector, command.count));
}

CommandOutput Commands::perform(const language::FlushCommand& command) {
  return output_of(host_.flush(command.device));
}

CommandOutput Commands::perform(const language::IostatCommand& command) {
  const auto counters = host_.take_io_counters(command.disk);
  if (!counters.ok()) return failed_with(counters.error());
  return {{fmt::format("read={} written={} discarded={} flushes={}", counters->read_sectors,
                       counters->written_sectors, counters->discarded_sectors, counters->flushes)}};
}

CommandOutput Commands::perform(const language::SysfsCommand& command) {
  auto value = host_.sysfs(command.device, command.attribute);
  if (!value.ok()) return failed_with(value.error());
  return {{*std::move(value)}};
}

CommandOutput Commands::perform(const language::ParameterCommand& command) {
  if (command.value) return output_of(host_.set_parameter(command.module, command.name, *command.value));
  auto value = host_.parameter(command.module, command.name);
  if (!value.ok()) return failed_with(value.error());
  return {{*std::move(value)}};
}

CommandOutput Commands::perform(const language::DropCachesCommand&) {
  host_.drop_caches();
  return {};
}

CommandOutput Commands::perform(const language::PokeCommand& command) {
  return output_of(host_.poke(command.disk, command.offset, command.bytes));
}

CommandOutput Commands::perform(const language::FaultCommand& command) {
  return output_of(host_.set_faults(command.disk, command.faults));
}

CommandOutput Commands::perform(const language::LoadCommand& command) {
  return output_of(host_.load(command.disk, command.file));
}

CommandOutput Commands::perform(const language::SaveCommand& command) {
  return output_of(host_.save(command.disk, command.file));
}

CommandOutput Commands::perform(const language::SleepCommand& command) {
  host_.sleep_for(command.duration);
  return {};
}

CommandOutput Commands::perform(const language::UntilCommand& command) {
  const std::vector<std::string> status = {"status", "--noflush", command.device};
  std::string seen;
  bool takes_too_long = false;
  const auto matches = [&] {
    seen = host_.dmsetup(status).out;
    const std::optional<bool> found = regex_found(seen, command.pattern);
    takes_too_long = !found;
    return found.value_or(true);
  };
  if (!host_.wait_until(matches, command.timeout))
    return {{fmt::format("timed out: {}", trimmed(seen))}, true};
  if (takes_too_long) return {{"the pattern takes too long to match"}, true};
  return {};
}

}  // namespace sim::scenario
