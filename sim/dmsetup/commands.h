// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup's commands. Each is in the file of its group: commands_load, commands_state, commands_show,
// commands_names, commands_other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/dmsetup/device_report.h"
#include "sim/dmsetup/session.h"
#include "sim/libdm/task.h"

namespace sim::dmsetup {

using libdm::Info;
using libdm::Target;
using libdm::Task;
using libdm::TaskType;

struct Command;

// What a command is called with. A command that works on several devices is called once for each.
struct Call {
  Session& session;
  DeviceReport* report;     // what --columns fills; null without it
  const Command* selected;  // with --select: what to run on the devices that are selected
  const Command& command;
  std::string_view subcommand;  // of stats
  std::span<const std::string> arguments;
  const std::string* device = nullptr;  // called for a device of the list of all
  std::uint64_t device_number = 0;      // of that device
  unsigned depth = 0;                   // of selected commands inside selected commands
  bool several_devices = false;         // lines of output begin with the device's name

  // The first argument, or null.
  [[nodiscard]] const std::string* first() const { return arguments.empty() ? nullptr : arguments.data(); }
};

using CommandFunction = bool (*)(const Call&);

struct Command {
  enum class Repeat { no, yes, with_select };  // once for each argument; --select chooses devices
  std::string_view name;
  std::size_t arguments_min;
  int arguments_max;  // -1: any number
  Repeat repeat;
  CommandFunction function;
};

// Thrown where the real dmsetup dies of a null pointer, or of calling itself for ever.
struct Crash {
  static constexpr int exit_code = -11;  // as a parent process sees it that counts signals as negative
};

// Null if there is no such command.
const Command* find_command(std::string_view name);
std::vector<std::string_view> command_names();

bool create(const Call& call);
bool load(const Call& call);
bool wipe_table(const Call& call);

bool suspend(const Call& call);
bool resume(const Call& call);
bool clear(const Call& call);
bool wait(const Call& call);
bool remove(const Call& call);
bool remove_all(const Call& call);

// status, table and measure, and ls with --target.
bool status(const Call& call);
bool info(const Call& call);
bool deps(const Call& call);
bool ls(const Call& call);
bool targets(const Call& call);
bool target_version(const Call& call);
bool version(const Call& call);

bool rename(const Call& call);
bool mangle_names(const Call& call);
bool split_name(const Call& call);

bool help(const Call& call);
bool message(const Call& call);
bool set_geometry(const Call& call);
bool mknodes(const Call& call);
bool stats(const Call& call);
bool udev_create_cookie(const Call& call);
bool udev_release_cookie(const Call& call);
bool udev_flags(const Call& call);
bool udev_complete(const Call& call);
bool udev_complete_all(const Call& call);
bool udev_cookies(const Call& call);

// Helpers that several groups share.

// Sets the device that the task is about: `name` if there is one, else --uuid, else --major and --minor.
bool choose_device(Session& session, Task& task, const std::string* name);
// Sets what --noopencount and --inactive say.
void apply_common_options(const Session& session, Task& task);
// Prints a device as `info` does: a paragraph, or a row of the report; with --select, runs the command on it.
bool show_device(const Call& call, const Task& task);
// A task that needs no more than a device: suspend, resume, remove, ... With `show`, --verbose prints the
// device.
bool run_simple(const Call& call, TaskType type, const std::string* name, std::uint32_t event_nr = 0,
                bool show = false);
// The devices there are; nothing if the request failed. Says "No devices found" unless `silent`.
std::optional<std::vector<libdm::DeviceName>> all_devices(Session& session, bool silent = false);
// Adds all of them to the tree; false if something failed, and the tree is then incomplete.
bool add_all_devices(Session& session, libdm::DependencyTree& tree);
// Calls `function` for each of them.
bool for_all_devices(const Call& call, CommandFunction function, bool silent = false);
bool rename_device(Session& session, const std::string* name, const std::string* new_name,
                   const std::string* new_uuid);
bool make_nodes(Session& session, const std::string* name);
// The name for a device number that -o devname or -o blkdevname ask for; nothing if sysfs has none.
std::optional<std::string> device_display_name(Session& session, std::uint64_t device, bool kernel_name);

}  // namespace sim::dmsetup
