// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to a clone device "c" on the disks "meta", "dest" and "source", and to devices above and below
// it, one thing after the other: as values, and as the line of a scenario that does the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/disk/fault.h"
#include "sim/disk/virtual_disk.h"
#include "sim/host/dm.h"

namespace proptests {

using dmcore::sector_t;

inline const std::string clone_name = "c";

struct AddDisk {
  std::string name;
  sector_t sectors;
  sim::DiskOptions options = {};
};
// The disk has these faults from now on, and no others.
struct SetFaults {
  std::string disk;
  std::vector<sim::Fault> faults;
};
// All of a disk gets its own stamps of that letter.
struct Fill {
  std::string disk;
  sector_t sectors;
  char letter;
};
struct Write {
  sector_t first;
  sector_t count;
  char letter;
  bool fua = false;
  bool background = false;
  bool stamps = false;  // of that letter, which differ from sector to sector
  std::string device = clone_name;
};
struct Read {
  sector_t first;
  sector_t count;
  bool background = false;
  std::string device = clone_name;
};
struct Discard {
  sector_t first;
  sector_t count;
  bool background = false;
  std::string device = clone_name;
};
struct Flush {
  bool background = false;
  std::string device = clone_name;
};
// For all that runs in the background.
struct Wait {};
struct Sleep {
  dmcore::Duration duration;
};
struct Create {
  sim::host::Target target;
  bool hydrates;
  std::string device = clone_name;
};
struct Remove {
  std::string device = clone_name;
};
struct Suspend {
  bool no_flush = false;
};
struct Load {
  sim::host::Target target;
};
struct Resume {
  std::optional<bool> hydrates = {};  // what the table says that becomes live; missing: the table stays
};
struct Message {
  std::string words;
};
// The metadata must be writable, and as many regions hydrated as when that was asked last.
struct CheckStatus {};
struct WaitUntilHydrated {
  std::chrono::seconds timeout{100000};
};
// Nothing may have been written to the source since this was asked last.
struct CheckSource {};

using Action =
    std::variant<AddDisk, SetFaults, Fill, Write, Read, Discard, Flush, Wait, Sleep, Create, Remove, Suspend,
                 Load, Resume, Message, CheckStatus, WaitUntilHydrated, CheckSource>;

// A line of a scenario, without its end.
std::string text_of(const Action& action);
std::string scenario_text(const std::vector<Action>& actions);

[[nodiscard]] bool in_background(const Action& action);

}  // namespace proptests
