// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/rig.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace suite {

namespace {

// More than any test needs; what is not written costs nothing.
constexpr sector_t disk_sectors = gib(64);

std::int64_t offset_of(sector_t sector) {
  return static_cast<std::int64_t>(dmcore::to_bytes(sector));
}

}  // namespace

void ending_with(const std::function<void()>& body, const std::function<void()>& end) {
  std::exception_ptr failure;
  try {
    body();
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  end();
  if (failure) std::rethrow_exception(failure);
}

Rig::Rig(const Options& options)
    : Machine(options.schedule),
      fast_(add_disk(disk_sectors, {.timing = options.fast})),
      slow_(add_disk(disk_sectors, {.timing = options.slow})) {}

void Rig::with_device(const sim::host::Table& table, const std::function<void(const std::string&)>& body) {
  const std::string name = fmt::format("test-dev-{}", devices_made_++);
  test::checked(host().dm().create(name, table), "create " + name);
  ending_with([&] { body(name); }, [&] { test::checked(host().dm().remove(name), "remove " + name); });
}

void Rig::with_file(const std::string& path, const std::function<void(sim::host::DeviceFile&)>& body) {
  auto file = test::checked(sim::host::DeviceFile::open(block(), path, true), "open " + path);
  ending_with([&] { body(file); }, [&] { file.close(); });
}

void Rig::write(const std::string& path, sector_t sector, std::span<const std::byte> data) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    test::checked(file.write(data, offset_of(sector), false), "write to " + path);
  });
}

void Rig::read(const std::string& path, sector_t sector, std::span<std::byte> data) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    const std::size_t done = test::checked(file.read(data, offset_of(sector)), "read from " + path);
    if (done != data.size()) throw test::Failure("read beyond the end of " + path);
  });
}

void Rig::discard(const std::string& path, sector_t sector, sector_t count) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    test::check(file.discard(dmcore::to_bytes(sector), dmcore::to_bytes(count)), "discard on " + path);
  });
}

void Rig::flush(const std::string& path) {
  with_file(path, [&](sim::host::DeviceFile& file) { test::check(file.sync(), "fsync of " + path); });
}

void Rig::zero(const std::string& path, sector_t count, sector_t io_size) {
  const std::vector<std::byte> zeroes(dmcore::to_bytes(io_size));
  with_file(path, [&](sim::host::DeviceFile& file) {
    for (sector_t at = 0; at < count; at += io_size) {
      const auto piece = std::span(zeroes).first(dmcore::to_bytes(std::min(io_size, count - at)));
      test::checked(file.write(piece, offset_of(at), false), "write to " + path);
    }
  });
}

std::string Rig::refusal(const std::function<void()>& body) {
  logged();
  try {
    body();
  } catch (const test::Failure&) {
    return fmt::format("{}\n", fmt::join(logged(), "\n"));
  }
  return "not refused";
}

dmcore::Duration Rig::time_of(const std::function<void()>& body) {
  const dmcore::Time begin = now();
  body();
  return now() - begin;
}

}  // namespace suite
