// SPDX-License-Identifier: GPL-2.0-or-later
// I/O to devices, as programs do it: each call opens the device and closes it again.
#include <algorithm>
#include <cstring>
#include <functional>

#include "dmcore/block/sysfs.h"

#include "sim/host/host.h"

namespace sim::host {
namespace {

using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

// How many sectors one system call reads or writes at most: 1 MiB, which is what one bio can have.
constexpr std::int64_t sectors_at_once = 2048;

std::int64_t offset_of(std::int64_t sector) {
  return sector * static_cast<std::int64_t>(dmcore::sector_size);
}

std::size_t bytes_of_piece(std::int64_t sectors_left) {
  return static_cast<std::size_t>(offset_of(std::clamp<std::int64_t>(sectors_left, 0, sectors_at_once)));
}

// Called after a FUA write, before the flush that follows it.
using Written = std::function<void()>;

// Writes all of a piece; where the device ends early the rest fails.
Status write_all(DeviceFile& file, std::span<const std::byte> data, std::int64_t offset, bool dsync,
                 const Written& written) {
  while (!data.empty()) {
    const auto done = file.write(data, offset, dsync, written);
    if (!done.ok()) return done.error();
    data = data.subspan(*done);
    offset += static_cast<std::int64_t>(*done);
  }
  return {};
}

}  // namespace

std::string Host::device_path(const std::string& name) const {
  return (disk(name) != nullptr ? "/dev/" : "/dev/mapper/") + name;
}

Result<DeviceFile> Host::open(const std::string& device, bool write) {
  return DeviceFile::open(machine_.block(), device_path(device), write);
}

void Host::hold(const std::string& device) {
  if (held_.contains(device)) return;
  const auto file = open(device, true);
  if (file.ok()) held_.emplace(device, *file);
}

void Host::let_go() {
  // Each is taken out first: to close it may sleep.
  while (!held_.empty()) held_.extract(held_.begin()).mapped().close();
}

Result<Host::Opened> Host::open_for_call(const std::string& device, bool write) {
  if (const auto held = held_.find(device); held != held_.end()) return Opened{held->second, true};
  const auto file = open(device, write);
  if (!file.ok()) return file.error();
  return Opened{*file, false};
}

template <class Perform>
Status Host::witnessed(const IoWitness::Request& request, Perform perform) {
  IoWitness* const witness = options_.witness;
  if (witness == nullptr) return perform(Written());
  std::uint64_t id = witness->begins(request);
  // The flush after a FUA write is a request of its own: what that write promises holds before.
  const Status status = perform([&] {
    witness->ended(id, true, {});
    id = witness->begins({.kind = IoWitness::Kind::flush, .device = request.device});
  });
  witness->ended(id, status.ok(), {});
  return status;
}

Status Host::write(const std::string& device, std::int64_t sector, std::int64_t count, const Fill& fill,
                   bool dsync) {
  std::vector<std::byte> piece;
  for (const std::int64_t end = sector + count; sector < end; sector += sectors_at_once) {
    piece.resize(bytes_of_piece(end - sector));
    fill(static_cast<dmcore::sector_t>(sector), piece);
    auto opened = open_for_call(device, true);
    if (!opened.ok()) return opened.error();
    const IoWitness::Request request{.kind = IoWitness::Kind::write,
                                     .device = device,
                                     .sector = static_cast<dmcore::sector_t>(sector),
                                     .count = dmcore::to_sectors(piece.size()),
                                     .data = piece,
                                     .durable = dsync};
    const Status status = witnessed(request, [&](const Written& written) {
      return write_all(opened->file, piece, offset_of(sector), dsync, written);
    });
    opened->close();
    if (!status.ok()) return status;
    if (sector + sectors_at_once < end) between_calls();
  }
  return {};
}

Status Host::write(const std::string& device, std::int64_t sector, std::span<const std::byte> data,
                   bool dsync) {
  if (data.size() % dmcore::sector_size != 0) return Errno::inval;
  const auto fill = [data, sector](dmcore::sector_t at, std::span<std::byte> piece) {
    const auto skipped = static_cast<std::size_t>(offset_of(static_cast<std::int64_t>(at) - sector));
    std::memcpy(piece.data(), data.data() + skipped, piece.size());
  };
  return write(device, sector, static_cast<std::int64_t>(dmcore::to_sectors(data.size())), fill, dsync);
}

Result<std::size_t> Host::read_witnessed(DeviceFile& file, const std::string& device, std::int64_t sector,
                                         std::span<std::byte> piece) {
  if (options_.witness == nullptr) return file.read(piece, offset_of(sector));
  const std::uint64_t id = options_.witness->begins({.kind = IoWitness::Kind::read,
                                                     .device = device,
                                                     .sector = static_cast<dmcore::sector_t>(sector),
                                                     .count = dmcore::to_sectors(piece.size())});
  const auto length = file.read(piece, offset_of(sector));
  options_.witness->ended(id, length.ok(), piece.first(length.ok() ? *length : 0));
  return length;
}

Result<std::int64_t> Host::read(const std::string& device, std::int64_t sector,
                                std::optional<std::int64_t> count, const Take& take) {
  auto opened = open_for_call(device, false);
  if (!opened.ok()) return opened.error();
  DeviceFile& file = opened->file;
  const std::int64_t wanted =
      count.value_or(static_cast<std::int64_t>(dmcore::to_sectors(file.size())) - sector);
  std::vector<std::byte> buffer(bytes_of_piece(wanted));
  std::int64_t done = 0;
  Status status;
  while (done < wanted) {
    const auto piece = std::span(buffer).first(bytes_of_piece(wanted - done));
    const auto length = read_witnessed(file, device, sector + done, piece);
    status = length.status();
    if (!length.ok() || *length != piece.size()) break;
    take(static_cast<dmcore::sector_t>(sector + done), piece);
    done += static_cast<std::int64_t>(dmcore::to_sectors(piece.size()));
    if (done < wanted) between_calls();
  }
  opened->close();
  if (!status.ok()) return status;
  return done;
}

Status Host::read(const std::string& device, std::int64_t sector, std::span<std::byte> data) {
  if (data.size() % dmcore::sector_size != 0) return Errno::inval;
  const auto count = static_cast<std::int64_t>(dmcore::to_sectors(data.size()));
  const auto done =
      read(device, sector, count, [data](dmcore::sector_t, std::span<const std::byte> piece) mutable {
        std::memcpy(data.data(), piece.data(), piece.size());
        data = data.subspan(piece.size());
      });
  if (!done.ok()) return done.error();
  return *done == count ? Status() : Errno::nodata;
}

Status Host::discard(const std::string& device, std::int64_t sector, std::int64_t count) {
  auto opened = open_for_call(device, true);
  if (!opened.ok()) return opened.error();
  const IoWitness::Request request{.kind = IoWitness::Kind::discard,
                                   .device = device,
                                   .sector = static_cast<dmcore::sector_t>(sector),
                                   .count = static_cast<dmcore::sector_t>(count)};
  const Status status = witnessed(request, [&](const Written&) {
    return opened->file.discard(static_cast<std::uint64_t>(offset_of(sector)),
                                static_cast<std::uint64_t>(offset_of(count)));
  });
  opened->close();
  return status;
}

Status Host::flush(const std::string& device) {
  auto opened = open_for_call(device, true);
  if (!opened.ok()) return opened.error();
  const Status status = witnessed({.kind = IoWitness::Kind::flush, .device = device},
                                  [&](const Written&) { return opened->file.sync(); });
  opened->close();
  return status;
}

Result<std::string> Host::sysfs(const std::string& device, const std::string& attribute) {
  const auto number = machine_.block().lookup_path(device_path(device));
  if (!number.ok()) return number.error();
  const dmcore::BlockDevice* found = machine_.block().find(*number);
  if (found == nullptr) return Errno::noent;
  return dmcore::sysfs_attribute(*found, attribute);
}

}  // namespace sim::host
