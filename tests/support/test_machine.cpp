// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/test_machine.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/block/lib.h"

namespace test {

using dmcore::BioOp;
using dmcore::BlockStatus;

TestMachine::TestMachine(std::unique_ptr<sim::Strategy> strategy)
    : runtime(std::move(strategy)), kernel(runtime), layer(kernel) {}

TestMachine::~TestMachine() {
  runtime.kill();
}

sim::VirtualDisk& TestMachine::add_disk(sector_t sectors, const sim::DiskOptions& options) {
  const auto minor = static_cast<std::uint32_t>(disks_.size());
  disks_.push_back(std::make_unique<sim::VirtualDisk>(
      layer, dmcore::DevT{7, minor}, fmt::format("loop{}", minor),
      std::make_unique<sim::MemoryStore>(dmcore::to_bytes(sectors)), options));
  layer.add(*disks_.back());
  return *disks_.back();
}

std::string TestMachine::stopped_by(std::function<void()> main) {
  try {
    run(std::move(main));
  } catch (const sim::MachineStopped& stopped) {
    return stopped.what();
  }
  return {};
}

TestBio::TestBio(dmcore::BlockDevice& device, BioOp op, sector_t sector, sector_t count, char fill,
                 std::uint16_t flags)
    : runtime_(device.layer().runtime()), done_(runtime_, "test bio") {
  const auto bytes = static_cast<std::uint32_t>(dmcore::to_bytes(count));
  const bool has_data = op == BioOp::read || op == BioOp::write;
  if (has_data) data.assign(bytes, static_cast<std::byte>(fill));
  bio.init(device, op, sector, bytes, has_data && bytes != 0 ? data.data() : nullptr, flags);
  bio.owner = this;
  bio.end_io = [](dmcore::Bio& ended) {
    auto& self = *static_cast<TestBio*>(ended.owner);
    self.ended_at_ = self.runtime_.now();
    self.done_.complete();
  };
}

BlockStatus TestBio::wait() {
  done_.wait();
  return status();
}

BlockStatus write_text(dmcore::BlockDevice& device, sector_t sector, const std::string& text,
                       std::uint16_t flags) {
  TestBio bio(device, BioOp::write, sector, text.size(), '\0', flags);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::fill_n(bio.data.begin() + static_cast<std::ptrdiff_t>(dmcore::to_bytes(i)), dmcore::sector_size,
                static_cast<std::byte>(text[i]));
  }
  return bio.submit().wait();
}

namespace {

char sector_letter(std::span<const std::byte> sector) {
  const bool same = std::all_of(sector.begin(), sector.end(), [&](std::byte b) { return b == sector[0]; });
  if (!same) return '?';
  return sector[0] == std::byte{0} ? '.' : static_cast<char>(sector[0]);
}

std::string letters(std::span<const std::byte> data) {
  std::string text;
  for (; !data.empty(); data = data.subspan(dmcore::sector_size))
    text += sector_letter(data.first(dmcore::sector_size));
  return text;
}

}  // namespace

std::string read_text(dmcore::BlockDevice& device, sector_t sector, sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count), std::byte{'~'});
  const dmcore::Status status = dmcore::read_sectors(device, sector, data);
  return status.ok() ? letters(data) : std::string(dmcore::errno_name(status.error()));
}

std::string stored_text(sim::VirtualDisk& disk, sector_t sector, sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count));
  const dmcore::Status status = disk.store().read(dmcore::to_bytes(sector), data);
  return status.ok() ? letters(data) : std::string(dmcore::errno_name(status.error()));
}

}  // namespace test
