// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter's commands about disks: what a person with hands on the hardware does.
#include <algorithm>
#include <filesystem>
#include <fmt/core.h>

#include "sim/host/disk_files.h"
#include "sim/scenario/interpreter.h"
#include "sim/store/file_store.h"
#include "sim/store/memory_store.h"

namespace sim::scenario {
namespace {

using dmcore::Errno;
using dmcore::Result;

// A disk's file is used as it is if it exists, and made if it does not and the size is known.
Result<std::unique_ptr<Store>> open_file_store(const language::DiskCommand& command,
                                               const std::string& path) {
  auto opened = FileStore::open(path, command.read_only);
  if (!opened.ok() && opened.error() == Errno::noent && command.size_bytes) {
    auto created = FileStore::create(path, *command.size_bytes);
    if (!created.ok()) return created.error();
    return std::unique_ptr<Store>(*std::move(created));
  }
  if (!opened.ok()) return opened.error();
  if (command.size_bytes && (*opened)->size() != *command.size_bytes) return Errno::inval;
  return std::unique_ptr<Store>(*std::move(opened));
}

std::string path_in(const std::string& directory, const std::string& file) {
  return (std::filesystem::path(directory) / file).string();
}

}  // namespace

Lines Interpreter::perform(const language::DiskCommand& command) {
  if (machine_.disk(command.name) != nullptr) return error_lines(Errno::exist);
  if (machine_.loop_in_use(command.name)) return error_lines(Errno::busy);
  if (command.number && machine_.block().find(*command.number) != nullptr) return error_lines(Errno::busy);
  std::unique_ptr<Store> store;
  if (command.file) {
    auto opened = open_file_store(command, path_in(options_.directory, *command.file));
    if (!opened.ok()) return error_lines(opened.error());
    store = *std::move(opened);
  } else {
    store = std::make_unique<MemoryStore>(command.size_bytes.value_or(0));
  }
  DiskOptions options;
  options.logical_block_size = command.logical_block_size;
  options.discard = command.discard;
  options.discard_max_bytes = command.discard_max_bytes;
  options.read_only = command.read_only;
  options.timing = {.read_latency = command.read_latency,
                    .write_latency = command.write_latency,
                    .flush_latency = command.flush_latency,
                    .bytes_per_second = command.bytes_per_second};
  machine_.add_disk(command.name, std::move(store), options, command.number);
  return {};
}

Lines Interpreter::perform(const language::IostatCommand& command) {
  const VirtualDisk* disk = machine_.disk(command.disk);
  if (disk == nullptr) return error_lines(Errno::noent);
  const dmcore::IoCounters& now = disk->counters;
  dmcore::IoCounters& before = counted_[command.disk];
  std::string line =
      fmt::format("read={} written={} discarded={} flushes={}", now.read_sectors - before.read_sectors,
                  now.written_sectors - before.written_sectors,
                  now.discarded_sectors - before.discarded_sectors, now.flushes - before.flushes);
  before = now;
  return {std::move(line)};
}

Lines Interpreter::perform(const language::PokeCommand& command) {
  VirtualDisk* disk = machine_.disk(command.disk);
  if (disk == nullptr) return error_lines(Errno::noent);
  // What lies behind the disk's end goes nowhere.
  const std::uint64_t left = disk->store().size() - std::min(command.offset, disk->store().size());
  const auto taken =
      std::span<const std::byte>(command.bytes).first(std::min<std::uint64_t>(command.bytes.size(), left));
  if (taken.empty()) return {};
  const dmcore::Status status = disk->poke(command.offset, taken);
  return status.ok() ? Lines() : error_lines(status.error());
}

Lines Interpreter::perform(const language::LoadCommand& command) {
  VirtualDisk* disk = machine_.disk(command.disk);
  if (disk == nullptr) return error_lines(Errno::noent);
  const dmcore::Status status = host::load_disk(*disk, path_in(options_.directory, command.file));
  return status.ok() ? Lines() : error_lines(status.error());
}

Lines Interpreter::perform(const language::SaveCommand& command) {
  VirtualDisk* disk = machine_.disk(command.disk);
  if (disk == nullptr) return error_lines(Errno::noent);
  const dmcore::Status status = host::save_disk(*disk, path_in(options_.save_directory, command.file));
  return status.ok() ? Lines() : error_lines(status.error());
}

}  // namespace sim::scenario
