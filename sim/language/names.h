// SPDX-License-Identifier: GPL-2.0-or-later
// The disks and mapped devices that can exist at some point of a scenario. A command on a device that no
// earlier command can have created is probably a mistake.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace sim::language {

class Names {
 public:
  void add_disk(std::string_view name) { disks_.emplace(name); }
  void add_device(std::string_view name) { devices_.emplace(name); }
  // Adds the device that a dmsetup command with these arguments may create.
  void add_device_of(std::span<const std::string> arguments);
  // From now on there may be others, which are known only when the scenario runs.
  void expect_others() { complete_ = false; }

  [[nodiscard]] bool has_disk(std::string_view name) const { return disks_.contains(name); }
  [[nodiscard]] bool may_be_disk(std::string_view name) const { return !complete_ || has_disk(name); }
  [[nodiscard]] bool may_be_device(std::string_view name) const {
    return may_be_disk(name) || devices_.contains(name);
  }

  // "there is no disk 'x' up to here", with a suggestion.
  [[nodiscard]] std::string no_disk(std::string_view name) const;
  [[nodiscard]] std::string no_device(std::string_view name) const;

 private:
  using Set = std::set<std::string, std::less<>>;
  [[nodiscard]] std::string missing(std::string_view what, std::string_view name, bool devices) const;

  Set disks_;
  Set devices_;
  bool complete_ = true;
};

}  // namespace sim::language
