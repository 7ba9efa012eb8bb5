// SPDX-License-Identifier: GPL-2.0-or-later
// A machine whose mapped devices are set up through the control interface, without libdevmapper: for tests of
// device-mapper's core and of targets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/rig/control.h"
#include "tests/rig/machine.h"

namespace test {

class DmMachine : public Machine {
 public:
  using Machine::Machine;

  // What `dmsetup create`, `load`, `resume`, `suspend` and `remove` send.
  dmcore::Status create(std::string_view name, std::string_view uuid = {});
  dmcore::Status load(std::string_view name, const std::vector<Line>& lines, std::uint32_t flags = 0);
  dmcore::Status resume(std::string_view name, std::uint32_t flags = 0);
  dmcore::Status suspend(std::string_view name, std::uint32_t flags = 0);
  dmcore::Status remove(std::string_view name, std::uint32_t flags = 0);
  // All of the first three, or a Failure.
  dmcore::MappedDevice& make(std::string_view name, const std::vector<Line>& lines);
  // Of one target that begins at 0.
  dmcore::MappedDevice& make(std::string_view name, sector_t length, const std::string& type,
                             const std::string& params) {
    return make(name, {{0, length, type, params}});
  }
  // The device of that name. It must exist.
  dmcore::MappedDevice& mapped(std::string_view name);

  // What the log says when a table of this line is refused, without "table: 253:0: "; the name of the errno
  // where it says nothing. Empty if the table is accepted.
  std::string refusal(sector_t length, const std::string& type, const std::string& params);

  // What `dmsetup table` and `dmsetup status` print behind the type's name, of the first target; or an
  // errno's name.
  std::string table(std::string_view name);
  std::string status(std::string_view name);
  // What the integrity measurement gets instead.
  std::string measured(std::string_view name);
  // `dmsetup message NAME 0 WORDS`: the answer, or the errno's name.
  std::string message(std::string_view name, const std::string& words);

 private:
  std::string first_status(std::string_view name, std::uint32_t flags);

  unsigned refused_ = 0;
};

}  // namespace test
