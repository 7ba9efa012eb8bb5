// SPDX-License-Identifier: GPL-2.0-or-later
// What is known about types of target that dmsim does not have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/libdm/task.h"

namespace sim::tables {

// A type of Linux that dmsim does not have.
bool is_foreign_type(std::string_view name);

// Where a target stores its data if that is on a device one to one, as it is for many types.
struct OneToOne {
  std::string device;
  std::uint64_t start = 0;
};
std::optional<OneToOne> one_to_one(const libdm::Target& target);

// The arguments that look like device numbers or paths, from 0.
std::vector<std::size_t> device_words(const libdm::Target& target);

// The arguments for people, without keys; of a type that is not known here, only how many there are.
std::string printable_arguments(const libdm::Target& target);

}  // namespace sim::tables
