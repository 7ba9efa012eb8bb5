// SPDX-License-Identifier: GPL-2.0-or-later
// Hands on the hardware: disks are plugged in, and their bytes changed.
#include <algorithm>
#include <filesystem>
#include <memory>

#include "sim/host/disk_files.h"
#include "sim/host/host.h"
#include "sim/store/file_store.h"
#include "sim/store/memory_store.h"

namespace sim::host {
namespace {

using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

std::string path_in(const std::string& directory, const std::string& file) {
  return (std::filesystem::path(directory) / file).string();
}

dmcore::IoCounters operator-(const dmcore::IoCounters& now, const dmcore::IoCounters& before) {
  return {.read_sectors = now.read_sectors - before.read_sectors,
          .written_sectors = now.written_sectors - before.written_sectors,
          .discarded_sectors = now.discarded_sectors - before.discarded_sectors,
          .flushes = now.flushes - before.flushes};
}

}  // namespace

Result<std::unique_ptr<Store>> Host::open_store(const DiskSpec& spec) const {
  if (!spec.file) return std::make_unique<MemoryStore>(spec.size_bytes.value_or(0));
  const std::string path = path_in(options_.directory, *spec.file);
  auto opened = FileStore::open(path, spec.options.read_only);
  if (!opened.ok() && opened.error() == Errno::noent && spec.size_bytes) {
    opened = FileStore::create(path, *spec.size_bytes);
  }
  if (!opened.ok()) return opened.error();
  if (spec.size_bytes && (*opened)->size() != *spec.size_bytes) return Errno::inval;
  return std::unique_ptr<Store>(*std::move(opened));
}

// What could not be done with a file, as it comes back; the person who runs the machine hears of it, too.
Status Host::host_error(const std::string& path, Status status) {
  if (!status.ok()) machine_.host_errors().add({path, status.error()});
  return status;
}

Result<VirtualDisk*> Host::add_disk(const DiskSpec& spec) {
  if (disk(spec.name) != nullptr) return Errno::exist;
  if (machine_.loop_in_use(spec.name)) return Errno::busy;
  if (spec.number && machine_.block().find(*spec.number) != nullptr) return Errno::busy;
  auto store = open_store(spec);
  if (!store.ok()) return host_error(path_in(options_.directory, *spec.file), store.error());
  VirtualDisk& disk = machine_.add_disk(spec.name, *std::move(store), spec.options, spec.number);
  disk.set_faults(FaultMap(spec.faults));
  return &disk;
}

Status Host::poke(const std::string& name, std::uint64_t offset, std::span<const std::byte> bytes) {
  VirtualDisk* found = disk(name);
  if (found == nullptr) return Errno::noent;
  const std::uint64_t size = found->store().size();
  const std::uint64_t left = size - std::min(offset, size);
  const auto taken = bytes.first(std::min<std::uint64_t>(bytes.size(), left));
  return taken.empty() ? Status() : found->poke(offset, taken);
}

Status Host::set_faults(const std::string& name, std::span<const Fault> faults) {
  VirtualDisk* found = disk(name);
  if (found == nullptr) return Errno::noent;
  found->set_faults(FaultMap(faults));
  return {};
}

Status Host::load(const std::string& name, const std::string& file) {
  VirtualDisk* found = disk(name);
  if (found == nullptr) return Errno::noent;
  const std::string path = path_in(options_.directory, file);
  return host_error(path, load_disk(*found, path));
}

Status Host::save(const std::string& name, const std::string& file) {
  VirtualDisk* found = disk(name);
  if (found == nullptr) return Errno::noent;
  const std::string path = path_in(options_.save_directory, file);
  return host_error(path, save_disk(*found, path));
}

Result<dmcore::IoCounters> Host::take_io_counters(const std::string& name) {
  const VirtualDisk* found = disk(name);
  if (found == nullptr) return Errno::noent;
  const dmcore::IoCounters before = std::exchange(counted_[name], found->counters);
  return found->counters - before;
}

}  // namespace sim::host
