// SPDX-License-Identifier: GPL-2.0-or-later
// Which words of a target's arguments are devices, and what the target uses of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dmcore/dm/target_arguments.h"
#include "dmcore/kernel/types.h"

#include "dmclone/dialect.h"

#include "sim/libdm/task.h"
#include "sim/tables/argument_words.h"

namespace sim::tables {

using Role = dmcore::DeviceRole;

struct Reference {
  std::size_t word = 0;  // of the arguments, from 0
  Role role = Role::data;
  std::string name;  // "metadata device", as messages call it
  // In sectors: a device that exists has at least as many, ...
  dmcore::sector_t needed = 0;
  // ... and one that has to be made gets so many.
  dmcore::sector_t wanted = 0;
  // On a device of just that length the target would leave nothing over.
  bool whole = false;
};

// The arguments as the kernel splits them, and back.
std::vector<std::string> arguments_of(const libdm::Target& target);
std::string join_arguments(const std::vector<std::string>& arguments);

// The arguments with what their type declares; empty if dmsim does not have the type.
std::vector<ArgumentWord> argument_words_of(const libdm::Target& target, const dmclone::Dialect& dialect);

// The devices of a target. Arguments that the target would not accept are left out.
std::vector<Reference> references_of(const libdm::Target& target, const dmclone::Dialect& dialect);

}  // namespace sim::tables
