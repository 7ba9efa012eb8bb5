// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine does when it is started after a power cut: it sets up the mapped devices that there were,
// lets them run until they have nothing more to do, and takes them down.
//
// It runs the real code on disks of which only as much is known as it has looked at. Disks with metadata have
// bytes there: the first read of each block asks what is there. All other sectors have tokens. So a run
// covers all states in which those blocks hold what was answered, whatever the rest is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dmcore/kernel/defects.h"

#include "dmclone/dialect.h"

#include "sim/explore/contents.h"
#include "sim/explore/disk_state.h"
#include "sim/explore/trace.h"
#include "sim/host/dm.h"
#include "sim/machine/machine.h"

namespace sim::explore {

// What all machines of an exploration have in common.
struct MachineKind {
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;  // never null
  dmcore::Defects defects = {};                               // in their code
  dmcore::Fixes fixes = {};                                   // the same
  // The known bugs of dm-clone are found as well; else they are excepted, and counted (docs/findings.md).
  bool finds_known_bugs = false;
  // Whether the bug that the fix mends is excepted.
  [[nodiscard]] bool excepts(dmcore::Fix fix) const { return !finds_known_bugs && !fixes.on(fix); }
  // Called with each machine before anything runs on it, to register more target types. May be empty. Any
  // thread.
  std::function<void(Machine&)> prepare = {};
};

struct Disk {
  std::string name;
  std::uint64_t size_bytes = 0;
  dmcore::DevT number;
  DiskOptions options;
  SectorSet metadata;  // a target looks at their bytes; whole blocks
};

// Of a clone target. The numbers of disks; none where another device is below it.
struct CloneDisks {
  std::optional<std::uint32_t> metadata;
  std::optional<std::uint32_t> destination;
  bool destination_caches = true;  // the device, whichever it is, has a volatile write cache
  std::optional<std::uint32_t> source;
  std::uint32_t region_sectors = 0;
};

struct Device {
  std::string name;
  std::uint32_t minor = 0;
  bool read_only = false;
  host::Table table;
  std::uint32_t sectors = 0;
  std::vector<dmcore::DevT> below = {};  // what its table uses
  bool used = false;                     // by another mapped device
  std::vector<CloneDisks> clones = {};   // of its clone targets

  [[nodiscard]] dmcore::DevT number() const { return {dmcore::DeviceMapper::major, minor}; }
  // The clone, if the device is one and nothing else.
  [[nodiscard]] const CloneDisks* as_clone() const {
    return table.size() == 1 && clones.size() == 1 ? &clones.front() : nullptr;
  }
  [[nodiscard]] bool has_table_of(const Device& other) const;
  friend bool operator==(const Device& a, const Device& b);
};
// In an order in which they can be set up.
using Devices = std::vector<Device>;

// The first read of a metadata block.
struct BlockRead {
  std::uint32_t disk = 0;
  std::uint32_t block = 0;
  BlockContent content;
};

struct Recovery {
  explicit Recovery(Contents& contents) : trace(contents) {}

  std::vector<BlockRead> reads;
  Trace trace;
  // Why a device could not be set up, or why the machine stopped; empty if all went well.
  std::string failure;
  bool stopped = false;  // it is the machine
  // What `dmsim check` finds in the metadata of a clone, before it is set up and after it was taken down;
  // empty if nothing.
  std::string damage;
  // What each sector of each device that no other uses holds after it was set up.
  std::vector<std::vector<ContentId>> seen;
  // Of all clones, when they were set up.
  std::uint64_t hydrated = 0;
  // Where a clone that was hydrated to the end differs from its destination; empty if nowhere.
  std::string difference;
};

// Answers the first read of a metadata block.
using AnswerRead = std::function<BlockContent(std::uint32_t disk, std::uint32_t block)>;

void run_recovery(Contents& contents, const MachineKind& kind, const std::vector<Disk>& disks,
                  const Devices& devices, const AnswerRead& answer, Recovery& recovery);

}  // namespace sim::explore
