// SPDX-License-Identifier: GPL-2.0-or-later
// Creates disks and devices of a stack on a machine, one by one.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/host/host.h"
#include "sim/tables/stack.h"

namespace sim::tables {

// A device as it was created.
struct NewDevice {
  std::string name;  // as dmsetup prints it
  host::Table table;
  host::Dm::CreateOptions options = {};
};
// What was made. The same, made again in that order, is the same stack.
using Made = std::variant<host::DiskSpec, NewDevice>;

// The outcome for a device.
struct Creation {
  bool ok = false;
  std::vector<std::string> log;  // what the kernel said, whether it went well or not
  std::string error;             // what dmsetup said; empty if it went well
};

// Process context.
class Builder {
 public:
  struct Options {
    DiskOptions disks = {};  // of each disk that is made; `read_only` is the disk's own
    bool leave_out = false;  // nothing stands in for anything
  };

  // Everything outlives this.
  Builder(const Stack& stack, host::Host& host, const Options& options);

  // The disk of the stack, unless there is one of that name.
  void make_disk(std::size_t index);
  // With this table, or another one in its place. What it uses must have been made, or stand-ins for it.
  Creation create(std::size_t device, const host::Table& table);
  // A disk of the device's size, for whatever uses the device.
  void make_stand_in(std::size_t device);

  // The table of the device, with the names and numbers that its devices have here; or one of its lines.
  [[nodiscard]] host::Table table_of(std::size_t device) const;
  [[nodiscard]] host::Target target_of(const StackLine& line) const;
  // The devices and disks that the device uses, as they are called here.
  [[nodiscard]] std::vector<std::string> names_below(std::size_t device) const;

  [[nodiscard]] bool is_up(std::size_t device) const { return states_[device].up; }
  [[nodiscard]] bool has_stand_in(std::size_t device) const { return states_[device].stand_in.has_value(); }

  [[nodiscard]] const std::vector<Made>& made() const { return made_; }
  [[nodiscard]] const Notes& notes() const { return notes_; }  // on disks

 private:
  struct DeviceState {
    bool up = false;
    std::optional<std::uint32_t> minor;   // here; missing: the kernel chooses
    std::optional<std::string> stand_in;  // the disk
  };

  void choose_minors();
  bool add_disk(const host::DiskSpec& spec);
  [[nodiscard]] std::string name_here(const Referent& referent) const;
  [[nodiscard]] std::string word_here(const std::string& word, const Referent& referent) const;
  void note(Note::Kind kind, std::string text);

  const Stack& stack_;
  host::Host& host_;
  const Options& options_;
  std::vector<DeviceState> states_;
  std::vector<bool> numbers_kept_;  // of each disk of the stack: it has the number that it has there
  std::vector<Made> made_;
  Notes notes_;
};

}  // namespace sim::tables
