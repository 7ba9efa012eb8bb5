// SPDX-License-Identifier: GPL-2.0-or-later
// Which words of a target's arguments are devices, and what the target uses of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/types.h"

#include "sim/libdm/task.h"

namespace sim::tables {

enum class Role : std::uint8_t { data, metadata, destination, source };

// How a message calls such a device: "metadata device".
std::string_view name_of(Role role);

struct Reference {
  std::size_t word = 0;  // of the arguments, from 0
  Role role = Role::data;
  // The sectors that are used from the device's beginning on: a device that is there has at least as many,
  // ...
  dmcore::sector_t needed = 0;
  // ... and one that has to be made gets so many.
  dmcore::sector_t wanted = 0;
  // On a device of just that length the target would leave nothing over.
  bool whole = false;
};

// Whether dmsim has such targets.
bool is_known_type(std::string_view type);

// The arguments as the kernel splits them, and back.
std::vector<std::string> arguments_of(const libdm::Target& target);
std::string join_arguments(const std::vector<std::string>& arguments);

// The devices of a target. Of a type that dmsim does not have: the words that look like device numbers or
// paths, of which nothing is known. Arguments that the target would not take are left out.
std::vector<Reference> references_of(const libdm::Target& target);

// Many targets that dmsim does not have store their data on a device one to one: where that is.
struct OneToOne {
  std::string device;
  std::uint64_t start = 0;
};
std::optional<OneToOne> one_to_one(const libdm::Target& target);

}  // namespace sim::tables
