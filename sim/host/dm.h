// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper, as a program that links libdevmapper uses it.
//
// All calls are for process context and sleep as long as the ioctls do. Each does what the command of dmsetup
// with its name does, nodes in /dev/mapper included, and names are mangled as dmsetup mangles them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "dmcore/block/block_device.h"

#include "sim/host/clone_status.h"
#include "sim/libdm/task.h"

namespace sim::host {

using libdm::Info;
using libdm::Target;
// The lines of a table, or of a status. Without lines: a device that has no table.
using Table = std::vector<Target>;

// Why a call failed.
struct DmError {
  dmcore::Errno error = dmcore::Errno::inval;  // of the ioctl; EINVAL if none was sent
  std::string text;                            // what dmsetup prints, without a newline at its end
};

template <class T>
class [[nodiscard]] DmResult : public tl::expected<T, DmError> {
 public:
  using tl::expected<T, DmError>::expected;
  [[nodiscard]] bool ok() const { return this->has_value(); }
};
using DmStatus = DmResult<void>;

class Dm {
 public:
  struct CreateOptions {
    std::string uuid = {};
    std::optional<std::uint32_t> minor = {};  // missing: the kernel chooses
    bool read_only = false;
  };
  struct SuspendOptions {
    bool no_flush = false;
    bool no_lockfs = false;
  };
  struct RemoveOptions {
    bool retry = false;     // of a device that is open: again for five seconds
    bool deferred = false;  // if it is open, when it is closed
  };

  // The system must outlive this.
  explicit Dm(libdm::System& system) : system_(system) {}

  // With a table the device is created, loaded and resumed; and removed again if one of these fails.
  DmStatus create(const std::string& name, const Table& table, const CreateOptions& options);
  DmStatus create(const std::string& name, const Table& table) { return create(name, table, {}); }
  DmStatus load(const std::string& name, const Table& table, bool read_only = false);
  DmStatus suspend(const std::string& name, SuspendOptions options);
  DmStatus suspend(const std::string& name) { return suspend(name, {}); }
  DmStatus resume(const std::string& name, SuspendOptions options);
  DmStatus resume(const std::string& name) { return resume(name, {}); }
  // Drops the table that was loaded and not resumed.
  DmStatus clear(const std::string& name);
  DmStatus remove(const std::string& name, RemoveOptions options);
  DmStatus remove(const std::string& name) { return remove(name, {}); }
  DmStatus rename(const std::string& name, const std::string& new_name);

  // The target's answer; empty for one that gives none.
  DmResult<std::string> message(const std::string& name, dmcore::sector_t sector, const std::string& text);
  // Returns after an event later than `event_nr` (Info::event_nr).
  DmResult<Info> wait(const std::string& name, std::uint32_t event_nr);

  DmResult<Table> status(const std::string& name, bool no_flush = false);
  DmResult<Table> table(const std::string& name, bool inactive = false);
  // Of a device whose one target is a clone; EINVAL if it is not.
  DmResult<CloneStatus> clone_status(const std::string& name, bool no_flush = true);
  DmResult<Info> info(const std::string& name);
  // The devices that the live table uses.
  DmResult<std::vector<dmcore::DevT>> deps(const std::string& name);
  // Of all devices, in the kernel's order.
  DmResult<std::vector<std::string>> names();

 private:
  libdm::System& system_;
};

// Reads a table as dmsetup does: a target a line, "START LENGTH TYPE PARAMS". The error is without a number.
DmResult<Table> parse_table(std::string_view text);

}  // namespace sim::host
