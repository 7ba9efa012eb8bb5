// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to a clone device "c" on the disks "meta", "dest" and "source", one thing after the other: as
// values, and as the line of a scenario that does the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/disk/virtual_disk.h"
#include "sim/host/dm.h"

namespace proptests {

using dmcore::sector_t;

struct AddDisk {
  std::string name;
  sector_t sectors;
  sim::DiskTiming timing = {};
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
};
struct Read {
  sector_t first;
  sector_t count;
  bool background = false;
};
struct Discard {
  sector_t first;
  sector_t count;
  bool background = false;
};
struct Flush {
  bool background = false;
};
// For all that runs in the background.
struct Wait {};
struct Sleep {
  dmcore::Duration duration;
};
struct Create {
  sim::host::Target target;
  bool hydrates;
};
struct Remove {};
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
struct WaitUntilHydrated {};
// Nothing may have been written to the source since this was asked last.
struct CheckSource {};

using Action = std::variant<AddDisk, Fill, Write, Read, Discard, Flush, Wait, Sleep, Create, Remove, Suspend,
                            Load, Resume, Message, CheckStatus, WaitUntilHydrated, CheckSource>;

// A line of a scenario, without its end.
std::string text_of(const Action& action);
std::string scenario_text(const std::vector<Action>& actions);

[[nodiscard]] bool in_background(const Action& action);

}  // namespace proptests
