// SPDX-License-Identifier: GPL-2.0-or-later
// A machine for tests of device-mapper's core: nothing but a runtime, a block layer, and device-mapper
// without targets.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/runtime/deterministic.h"

#include "tests/support/memory_disk.h"

namespace test {

// One line of a table.
struct Line {
  dmcore::sector_t start;
  dmcore::sector_t length;
  std::string type;
  std::string params;
};

// A buffer for the control interface, and how the call ended.
class Control {
 public:
  explicit Control(std::size_t size = 16384) : buffer_(size) {
    header().version[0] = dmcore::ioctl::version_major;
    header().data_size = static_cast<std::uint32_t>(size);
    header().data_start = sizeof(dmcore::ioctl::IoctlHeader);
  }
  Control& name(std::string_view text) { return copy(header().name, text); }
  Control& uuid(std::string_view text) { return copy(header().uuid, text); }
  Control& flags(std::uint32_t flags) {
    header().flags = flags;
    return *this;
  }
  Control& table(const std::vector<Line>& lines);
  // Bytes at the payload's beginning.
  Control& payload(std::string_view text, std::size_t skip = 0) {
    std::memcpy(buffer_.data() + header().data_start + skip, text.data(), text.size());
    buffer_[header().data_start + skip + text.size()] = std::byte{0};
    return *this;
  }

  dmcore::Status run(dmcore::DeviceMapper& dm, dmcore::ioctl::Command command) {
    return dm.control(static_cast<std::uint32_t>(command), buffer_);
  }

  [[nodiscard]] dmcore::ioctl::IoctlHeader& header() {
    return *reinterpret_cast<dmcore::ioctl::IoctlHeader*>(buffer_.data());
  }
  [[nodiscard]] std::vector<std::byte>& buffer() { return buffer_; }
  // The payload that came back.
  [[nodiscard]] const char* out() {
    return reinterpret_cast<const char*>(buffer_.data()) + header().data_start;
  }
  [[nodiscard]] bool has(std::uint32_t flag) { return (header().flags & flag) != 0; }
  // The lines of a status or table that came back: "0 8 zero text".
  [[nodiscard]] std::vector<std::string> targets();

 private:
  template <std::size_t size>
  Control& copy(char (&to)[size], std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), size), to);
    return *this;
  }

  std::vector<std::byte> buffer_;
};

class DmMachine {
 public:
  explicit DmMachine(std::unique_ptr<sim::Strategy> strategy = std::make_unique<sim::FifoStrategy>())
      : runtime(std::move(strategy)), kernel(runtime), layer(kernel), dm(layer) {}
  ~DmMachine() { runtime.kill(); }
  DmMachine(const DmMachine&) = delete;
  DmMachine& operator=(const DmMachine&) = delete;

  // Runs `main` as a process.
  void run(std::function<void()> main) { runtime.run(std::move(main)); }

  // A new disk 7:N, "/dev/loopN".
  MemoryDisk& add_disk(dmcore::sector_t sectors) {
    const auto number = static_cast<std::uint32_t>(disks.size());
    disks.push_back(std::make_unique<MemoryDisk>(layer, "loop" + std::to_string(number),
                                                 dmcore::DevT{7, number}, sectors));
    return *disks.back();
  }

  // What `dmsetup create`, `load`, `resume`, `suspend` and `remove` send.
  dmcore::Status create(std::string_view name, std::string_view uuid = {});
  dmcore::Status load(std::string_view name, const std::vector<Line>& lines, std::uint32_t flags = 0);
  dmcore::Status resume(std::string_view name, std::uint32_t flags = 0);
  dmcore::Status suspend(std::string_view name, std::uint32_t flags = 0);
  dmcore::Status remove(std::string_view name, std::uint32_t flags = 0);
  // All of the first three; "dm-N" of what comes out.
  dmcore::MappedDevice& make(std::string_view name, const std::vector<Line>& lines);
  // The device of that name. It must exist.
  dmcore::MappedDevice& device(std::string_view name);

  // The texts that were logged since the last call.
  std::vector<std::string> log();

  sim::DeterministicRuntime runtime;
  dmcore::Kernel kernel;
  dmcore::BlockLayer layer;
  std::vector<std::unique_ptr<MemoryDisk>> disks;
  dmcore::DeviceMapper dm;
};

// A whole I/O, waited for. A write is of one byte value; a read returns that of each sector: "." for zero,
// "?" if the sector is not full of one value, or the name of the error.
dmcore::Status write_fill(dmcore::BlockDevice& device, dmcore::sector_t sector, dmcore::sector_t count,
                          char fill, std::uint16_t flags = 0);
std::string read_fill(dmcore::BlockDevice& device, dmcore::sector_t sector, dmcore::sector_t count);

}  // namespace test
