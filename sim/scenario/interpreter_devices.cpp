// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter's commands about devices: dmsetup, I/O, questions.
#include <algorithm>
#include <fmt/core.h>

#include "dmcore/block/sysfs.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/dmsetup/dmsetup.h"
#include "sim/host/device_file.h"
#include "sim/host/sha256.h"
#include "sim/scenario/interpreter.h"
#include "sim/text/regex_search.h"
#include "sim/text/words.h"

namespace sim::scenario {
namespace {

using dmcore::Errno;
using dmcore::Status;

// Reads and writes are done in pieces of so many sectors: 1 MiB.
constexpr std::int64_t sectors_at_once = 2048;

std::int64_t bytes(std::int64_t sectors) {
  return sectors * static_cast<std::int64_t>(dmcore::sector_size);
}

// Text as lines, as Python's splitlines() makes them: a newline at the end begins no line.
Lines split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Why reading stopped, if it did.
struct ReadFailure {
  Status status;
  std::int64_t short_at = -1;  // no error, but the device ended in the piece that begins at this sector

  [[nodiscard]] bool ok() const { return status.ok() && short_at < 0; }
  [[nodiscard]] Lines lines() const {
    return status.ok() ? Lines{fmt::format("short read at sector {}", short_at)}
                       : error_lines(status.error());
  }
};

// Reads sectors and hands each piece to `take(data, sector)`.
template <class Take>
ReadFailure read_pieces(dmcore::Runtime& runtime, host::DeviceFile& file, std::int64_t sector,
                        std::int64_t count, Take take) {
  std::vector<std::byte> buffer(
      static_cast<std::size_t>(bytes(std::clamp<std::int64_t>(count, 0, sectors_at_once))));
  for (const std::int64_t end = sector + count; sector < end; sector += sectors_at_once) {
    const auto piece =
        std::span(buffer).first(static_cast<std::size_t>(bytes(std::min(sectors_at_once, end - sector))));
    const auto done = file.read(piece, bytes(sector));
    if (!done.ok()) return {done.error()};
    if (*done != piece.size()) return {Status(), sector};
    take(std::span<const std::byte>(piece), static_cast<dmcore::sector_t>(sector));
    if (sector + sectors_at_once < end) runtime.settle();  // as between commands
  }
  return {};
}

// Writes all of a piece; where the device ends early the rest fails.
Status write_piece(host::DeviceFile& file, std::span<const std::byte> data, std::int64_t offset, bool dsync) {
  while (!data.empty()) {
    const auto done = file.write(data, offset, dsync);
    if (!done.ok()) return done.error();
    data = data.subspan(*done);
    offset += static_cast<std::int64_t>(*done);
  }
  return {};
}

// Opens a device, does something with it and closes it again.
template <class Action>
Lines with_device(dmcore::BlockLayer& layer, const std::string& path, bool write, Action action) {
  auto file = host::DeviceFile::open(layer, path, write);
  if (!file.ok()) return error_lines(file.error());
  Lines lines = action(*file);
  file->close();
  return lines;
}

Lines lines_of(Status status) {
  return status.ok() ? Lines() : error_lines(status.error());
}

}  // namespace

std::string Interpreter::device_path(const std::string& name) const {
  return (machine_.disk(name) != nullptr ? "/dev/" : "/dev/mapper/") + name;
}

Lines Interpreter::perform(const language::DmsetupCommand& command) {
  const dmsetup::Outcome outcome = dmsetup::run(system_, command.arguments, command.input);
  if (errors_) {
    for (const std::string& line : split_lines(outcome.err)) errors_(line);
  }
  Lines lines = split_lines(outcome.out);
  if (outcome.exit_code != 0) lines.push_back(fmt::format("exit {}", outcome.exit_code));
  return lines;
}

Lines Interpreter::perform(const language::WriteCommand& command) {
  std::vector<std::byte> data;
  const std::int64_t end = command.sector + command.count;
  for (std::int64_t sector = command.sector; sector < end; sector += sectors_at_once) {
    data.resize(static_cast<std::size_t>(bytes(std::min(sectors_at_once, end - sector))));
    fill_pattern(command.pattern, static_cast<dmcore::sector_t>(sector), data);
    Lines lines =
        with_device(machine_.block(), device_path(command.device), true, [&](host::DeviceFile& file) {
          return lines_of(write_piece(file, data, bytes(sector), command.fua));
        });
    if (!lines.empty()) return lines;
    if (sector + sectors_at_once < end) machine_.runtime().settle();  // as between commands
  }
  return {};
}

Lines Interpreter::perform(const language::ReadCommand& command) {
  return with_device(machine_.block(), device_path(command.device), false, [&](host::DeviceFile& file) {
    language::RunPrinter runs;
    const ReadFailure failure = read_pieces(
        machine_.runtime(), file, command.sector, command.count,
        [&runs](std::span<const std::byte> data, dmcore::sector_t sector) { runs.add(data, sector); });
    return failure.ok() ? runs.finish(static_cast<dmcore::sector_t>(command.sector)) : failure.lines();
  });
}

Lines Interpreter::perform(const language::Sha256Command& command) {
  return with_device(machine_.block(), device_path(command.device), false, [&](host::DeviceFile& file) {
    host::Sha256 hash;
    const std::int64_t sector = command.whole ? 0 : command.sector;
    const std::int64_t count =
        command.whole ? static_cast<std::int64_t>(dmcore::to_sectors(file.size())) : command.count;
    const ReadFailure failure =
        read_pieces(machine_.runtime(), file, sector, count,
                    [&hash](std::span<const std::byte> data, dmcore::sector_t) { hash.add(data); });
    return failure.ok() ? Lines{hash.finish()} : failure.lines();
  });
}

Lines Interpreter::perform(const language::DiscardCommand& command) {
  return with_device(machine_.block(), device_path(command.device), true, [&](host::DeviceFile& file) {
    return lines_of(file.discard(static_cast<std::uint64_t>(bytes(command.sector)),
                                 static_cast<std::uint64_t>(bytes(command.count))));
  });
}

Lines Interpreter::perform(const language::FlushCommand& command) {
  return with_device(machine_.block(), device_path(command.device), true,
                     [](host::DeviceFile& file) { return lines_of(file.sync()); });
}

Lines Interpreter::perform(const language::SysfsCommand& command) {
  const auto dev = machine_.block().lookup_path(device_path(command.device));
  if (!dev.ok()) return error_lines(dev.error());
  const dmcore::BlockDevice* device = machine_.block().find(*dev);
  if (device == nullptr) return error_lines(Errno::noent);
  auto value = sysfs_attribute(*device, command.attribute);
  if (!value.ok()) return error_lines(value.error());
  return {*std::move(value)};
}

Lines Interpreter::perform(const language::UntilCommand& command) {
  constexpr dmcore::Duration poll_interval = std::chrono::milliseconds(20);
  const std::vector<std::string> arguments = {"status", "--noflush", command.device};
  const dmcore::Time end = machine_.runtime().now() + command.timeout;
  std::string seen;
  while (machine_.runtime().now() < end) {
    seen = dmsetup::run(system_, arguments).out;
    const std::optional<bool> found = regex_found(seen, command.pattern);
    if (!found) return {"the pattern takes too long to match"};
    if (*found) return {};
    pass_time(poll_interval);
  }
  return {fmt::format("timed out: {}", trim(seen))};
}

}  // namespace sim::scenario
