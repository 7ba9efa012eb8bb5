// SPDX-License-Identifier: GPL-2.0-or-later
// All that libdevmapper and dmsetup see of the machine they run on.
//
// Everything about mapped devices goes through control(), the ioctl of /dev/mapper/control. The rest is what
// the real library and program read from /dev, /proc, /sys and files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/types.h"

#include "sim/libdm/node_directory.h"

namespace sim::libdm {

// Device numbers are in the form of dmcore::ioctl::encode_device(). Every method is called in process
// context.
class System {
 public:
  System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  virtual ~System() = default;

  // The ioctl: `command` is a dmcore::ioctl::Command, `buffer` begins with an IoctlHeader. May sleep.
  virtual dmcore::Status control(std::uint32_t command, std::span<std::byte> buffer) = 0;

  // The major number of mapped devices, which the kernel assigns when it boots (/proc/devices).
  [[nodiscard]] virtual std::uint32_t device_mapper_major() const = 0;

  // The directory /dev/mapper, without its node "control".
  virtual NodeDirectory& nodes() = 0;

  // stat(2) of a path outside /dev/mapper: the device number of a device node; nothing if there is no such
  // path.
  virtual std::optional<std::uint64_t> device_at(std::string_view path) = 0;

  // The kernel's name of a device that is registered as a block device: "loop0", "dm-3" (/sys/dev/block/M:m).
  virtual std::optional<std::string> block_device_name(std::uint64_t device) = 0;

  // The read-ahead of a registered block device, in sectors (/sys/dev/block/M:m/bdi/read_ahead_kb).
  virtual std::optional<std::uint32_t> read_ahead(std::uint64_t device) = 0;
  // False if there is no such device.
  virtual bool set_read_ahead(std::uint64_t device, std::uint32_t sectors) = 0;

  // A file's content (a table file); nothing if it cannot be read.
  virtual std::optional<std::string> read_file(const std::string& path) = 0;

  // Lets time pass (--retry, --interval).
  virtual void sleep_for(dmcore::Duration duration) = 0;
};

}  // namespace sim::libdm
