// SPDX-License-Identifier: GPL-2.0-or-later
// A power cut: what the disks hold then, and the machine that starts with them.
#pragma once

#include <functional>
#include <string>

#include "sim/disk/durability.h"
#include "sim/language/ast.h"
#include "sim/machine/machine.h"
#include "sim/scenario/error_names.h"

namespace sim::scenario {

// Chooses what a block of a disk holds after a power cut: the number of a candidate.
using ChooseKept = std::function<std::size_t(const std::string& disk, std::uint64_t offset,
                                             const Durability::Candidates& candidates)>;

// Cuts the power of a machine that does not run any more, whose disks must record durability, and gives its
// disks to another one, with their names, numbers, options and faults; that one must have none. What they
// hold is what the command says: a disk without power keeps one candidate of each block, the others keep what
// is newest. The output has a line for each disk that lost something.
//
// With `choose`, which may be empty, a disk without power has lost nothing yet, unless the command says that
// the newest is kept: `choose` is asked when a block is read.
CommandOutput restart(Machine& machine, Machine& started, const language::CrashCommand& command,
                      const ChooseKept& choose);

}  // namespace sim::scenario
