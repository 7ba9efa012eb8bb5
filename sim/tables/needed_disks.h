// SPDX-License-Identifier: GPL-2.0-or-later
// The disks that the tables of a stack use.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/tables/mentions.h"
#include "sim/tables/stack.h"

namespace sim::tables {

class NeededDisks {
 public:
  // Adds to the stack's disks and notes.
  explicit NeededDisks(Stack& stack) : stack_(stack) {}

  struct Identity {
    std::string name;
    std::optional<dmcore::DevT> number;  // a disk is known by it, or by its name if it has none
    bool stand_in = false;
  };
  // The disk of a mention: a new one, or one that is there already, which then is large enough for it.
  Referent disk_for(const Identity& identity, const Mention& mention);

  // Gives the disks of the list the sizes that they have there.
  void take_sizes(const ListIndex& list);

 private:
  std::size_t add(const Identity& identity, const Mention& mention);
  void grow(NeededDisk& disk, const Mention& mention) const;

  Stack& stack_;
  std::map<dmcore::DevT, std::size_t> by_number_;
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace sim::tables
