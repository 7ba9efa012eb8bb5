// SPDX-License-Identifier: GPL-2.0-or-later
// Where the tables of a stack name devices, before it is known which ones these are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dmcore/block/block_device.h"

#include "sim/tables/stack.h"

namespace sim::tables {

struct Mention {
  std::size_t device = 0;  // whose table it is
  std::size_t line = 0;
  Reference reference;
  std::string word;
  std::optional<dmcore::DevT> number;  // if the word is one

  // "253:3" and "/dev/dm-3", if that is device-mapper's major number.
  [[nodiscard]] std::optional<std::uint32_t> minor_under(std::uint32_t dm_major) const;
};

std::vector<Mention> mentions_in(const Stack& stack);

// The devices of a stack by the names under which the kernel knows them.
class DeviceNames {
 public:
  explicit DeviceNames(const Stack& stack);
  // The index; nothing if there is no such device.
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const;

 private:
  std::map<std::string, std::size_t> by_name_;  // mangled
};

}  // namespace sim::tables
