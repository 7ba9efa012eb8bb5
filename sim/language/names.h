// SPDX-License-Identifier: GPL-2.0-or-later
// The disks and mapped devices that a scenario has named up to some command. A device that no command before
// can have made is most likely a mistake.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace sim::language {

class Names {
 public:
  void add_disk(std::string_view name) { disks_.emplace(name); }
  // The arguments of a dmsetup command: the name of the device that it may make.
  void add_device_of(std::span<const std::string> arguments);
  // From here on there may be others, which only running the scenario will show.
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
