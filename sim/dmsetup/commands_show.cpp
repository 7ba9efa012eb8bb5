// SPDX-License-Identifier: GPL-2.0-or-later
// status, table, measure, info, deps, ls, targets, target-version, version.
#include <algorithm>

#include "dmcore/dm/ioctl_format.h"

#include "sim/dmsetup/commands.h"
#include "sim/dmsetup/tree_drawing.h"
#include "sim/libdm/dependency_tree.h"

namespace sim::dmsetup {
namespace {

// A text in the --concise form: what separates its fields is quoted by a backslash.
std::string concise_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ',' || c == ';' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// Writes zeros over the key in an "integrity" parameter "NAME:ALGORITHM:KEY".
void hide_integrity_key(std::string& params, std::string_view name) {
  auto at = params.find(name);
  if (at == std::string::npos) return;
  at = params.find_first_of(" :", at + name.size());
  if (at == std::string::npos || params[at] != ':') return;
  for (at++; at < params.size() && params[at] != ' '; at++) params[at] = '0';
}

// The parameters as they may be shown: without the keys of the targets that have any.
std::string shown_params(const Target& target) {
  std::string params = target.params;
  if (target.type == "crypt") {
    // The second word is the key, or a reference to one if it begins with a colon.
    auto at = params.find(' ');
    at = at == std::string::npos ? params.size() : at + 1;
    if (at < params.size() && params[at] == ':') return params;
    for (; at < params.size() && params[at] != ' '; at++) params[at] = '0';
  } else if (target.type == "integrity") {
    for (const std::string_view name : {"internal_hash:", "journal_crypt:", "journal_mac:"}) {
      hide_integrity_key(params, name);
    }
  }
  return params;
}

// What `status` and `table` print of one device.
class StatusPrinter {
 public:
  StatusPrinter(const Call& call, const Task& task, std::string name)
      : call_(call), session_(call.session), task_(task), name_(std::move(name)), info_(task.info()) {
    table_ = call.command.name == "table";
    concise_ = table_ && session_.options.concise;
    list_only_ = call.command.name == "ls";
  }

  void print() {
    const Options& options = session_.options;
    // A device without a table has one line, too: an empty one.
    const std::vector<Target> none(1);
    const bool empty = task_.targets().empty();
    for (const Target& target : empty ? none : task_.targets()) {
      if (options.target && (empty || target.type != *options.target)) continue;
      if (list_only_) {
        session_.print("{}\t({}, {})\n", name_, info_.major, info_.minor);
        matched_ = true;
        break;
      }
      print_target(empty ? nullptr : &target);
      matched_ = true;
    }
    const bool several_concise = !concise_ || options.verbose > 1;
    if (call_.several_devices && options.verbose != 0 && matched_ && !list_only_ && several_concise) {
      session_.print("\n");
    }
  }

  [[nodiscard]] bool matched() const { return matched_; }

 private:
  void print_target(const Target* target) {
    const bool verbose = session_.options.verbose != 0;
    if (!concise_) {
      if (!matched_ && verbose) (void)show_device(call_, task_);
      if (call_.several_devices && !verbose) session_.print("{}: ", name_);
    } else if (!matched_) {
      session_.print("{}{},{},{},{}", session_.concise_printed ? ";" : "", concise_quoted(name_),
                     concise_quoted(task_.uuid()), info_.minor, info_.read_only ? "ro" : "rw");
      session_.concise_printed = true;
    }
    if (target != nullptr) {
      const std::string params =
          table_ && !session_.options.show_keys ? shown_params(*target) : target->params;
      session_.print("{}{} {} {} {}", concise_ ? "," : "", target->start, target->length, target->type,
                     concise_ ? concise_quoted(params) : params);
    }
    if (!concise_) session_.print("\n");
  }

  const Call& call_;
  Session& session_;
  const Task& task_;
  std::string name_;
  Info info_;
  bool table_;
  bool concise_;
  bool list_only_;
  bool matched_ = false;
};

void show_device_long(Session& session, const Task& task, const Info& info) {
  session.print("Name:              {}\n", task.name());
  session.print("State:             {}{}{}\n", info.suspended ? "SUSPENDED" : "ACTIVE",
                info.read_only ? " (READ-ONLY)" : "", info.deferred_remove ? " (DEFERRED REMOVE)" : "");
  if (const auto read_ahead = task.read_ahead()) session.print("Read Ahead:        {}\n", *read_ahead);
  const bool both = info.live_table && info.inactive_table;
  const bool none = !info.live_table && !info.inactive_table;
  session.print("Tables present:    {}{}{}{}\n", none ? "None" : "", info.live_table ? "LIVE" : "",
                both ? " & " : "", info.inactive_table ? "INACTIVE" : "");
  if (info.open_count != -1) session.print("Open count:        {}\n", info.open_count);
  session.print("Event number:      {}\n", info.event_nr);
  session.print("Major, minor:      {}, {}\n", info.major, info.minor);
  session.print("Number of targets: {}\n", info.target_count);
  if (const std::string uuid = task.uuid(); !uuid.empty()) session.print("UUID: {}\n", uuid);
  session.print("\n");
}

bool display_name(const Call& call) {
  Session& session = call.session;
  std::string shown = fmt::format("{}:{}", dmcore::ioctl::device_major(call.device_number),
                                  dmcore::ioctl::device_minor(call.device_number));
  if (const auto kind = session.display.names; kind != DeviceNameKind::number) {
    const auto name = device_display_name(session, call.device_number, kind == DeviceNameKind::kernel);
    shown = name.value_or(shown);
  }
  session.print("{}\t({})\n", *call.device, shown);
  return true;
}

// True if the command is for all devices, because none was named.
bool means_all_devices(const Call& call) {
  const Options& options = call.session.options;
  return call.device == nullptr && call.arguments.empty() && !options.uuid && !options.major;
}

const std::string* named_device(const Call& call) {
  return call.device != nullptr ? call.device : call.first();
}

}  // namespace

bool show_device(const Call& call, const Task& task) {
  const Info info = task.info();
  if (!info.exists) {
    call.session.error("Device does not exist.");
    return false;
  }
  if (call.report == nullptr) {
    show_device_long(call.session, task, info);
    return true;
  }
  if (call.selected == nullptr) return call.report->add_device(task);
  const auto selected = call.report->selects(task);
  if (!selected) return false;
  if (!*selected) return true;
  // With --verbose the selected command wants to show its device, which runs the command. Either it then no
  // longer is one that is selected, or this never ends.
  constexpr unsigned depth_max = 4;
  if (call.depth == depth_max) throw Crash();
  const std::string name = task.name();
  Call chosen{.session = call.session,
              .report = call.report,
              .selected = call.selected,
              .command = *call.selected,
              .subcommand = {},
              .arguments = std::span(&name, 1),
              .device = nullptr,
              .device_number = 0,
              .depth = call.depth + 1,
              .several_devices = true};
  return call.selected->function(chosen);
}

bool status(const Call& call) {
  if (means_all_devices(call)) return for_all_devices(call, status);
  Session& session = call.session;
  const std::string* name = named_device(call);
  Task task(session.context, call.command.name == "table" ? TaskType::table : TaskType::status);
  if (!choose_device(session, task, name)) return session.backtrace();
  apply_common_options(session, task);
  task.no_flush = session.no_flush;
  task.measure = call.command.name == "measure";
  if (!task.run()) return session.backtrace();
  if (!task.info().exists) {
    session.error("Device does not exist.");
    return false;
  }
  StatusPrinter printer(call, task, name != nullptr ? *name : task.name());
  printer.print();
  return true;
}

bool info(const Call& call) {
  if (means_all_devices(call)) return for_all_devices(call, info);
  Session& session = call.session;
  Task task(session.context, TaskType::info);
  if (!choose_device(session, task, named_device(call))) return session.backtrace();
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  return show_device(call, task);
}

bool deps(const Call& call) {
  if (means_all_devices(call)) return for_all_devices(call, deps);
  Session& session = call.session;
  const std::string* name = named_device(call);
  const bool verbose = session.options.verbose != 0;
  Task task(session.context, TaskType::deps);
  if (!choose_device(session, task, name)) return session.backtrace();
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  if (verbose) (void)show_device(call, task);
  if (call.several_devices && !verbose) session.print("{}: ", name != nullptr ? *name : task.name());
  const auto devices = task.dependencies();
  session.print("{} dependencies\t:", devices.size());
  const DeviceNameKind kind = session.display.names;
  for (const std::uint64_t device : devices) {
    std::optional<std::string> shown;
    if (kind != DeviceNameKind::number) {
      shown = device_display_name(session, device, kind == DeviceNameKind::kernel);
    }
    session.print(" ({})", shown ? *shown
                                 : fmt::format("{}, {}", dmcore::ioctl::device_major(device),
                                               dmcore::ioctl::device_minor(device)));
  }
  session.print("\n");
  if (call.several_devices && verbose) session.print("\n");
  return true;
}

bool ls(const Call& call) {
  Session& session = call.session;
  if (session.options.exec) {
    session.error("--exec is not available: there are no programs to run here.");
    return false;
  }
  if (session.options.target) return status(call);
  if (!session.options.tree) return for_all_devices(call, display_name);
  libdm::DependencyTree tree(session.context);
  const bool complete = add_all_devices(session, tree);
  draw_tree(session, tree);
  return complete;
}

bool targets(const Call& call) {
  Task task(call.session.context, TaskType::versions);
  if (!task.run()) return call.session.backtrace();
  for (const libdm::TargetVersion& target : task.versions()) {
    call.session.print("{:<16} v{}.{}.{}\n", target.name, target.version[0], target.version[1],
                       target.version[2]);
  }
  return true;
}

bool target_version(const Call& call) {
  Task task(call.session.context, TaskType::target_version);
  if (!task.set_name(*call.first()) || !task.run()) return call.session.backtrace();
  for (const libdm::TargetVersion& target : task.versions()) {
    call.session.print("{:<16} v{}.{}.{}\n", target.name, target.version[0], target.version[1],
                       target.version[2]);
    break;
  }
  return true;
}

bool version(const Call& call) {
  call.session.print("Library version:   1.02.185 (2022-05-18)\n");
  Task task(call.session.context, TaskType::version);
  if (!task.run()) return call.session.backtrace();
  call.session.print("Driver version:    {}\n", task.driver_version());
  return true;
}

std::optional<std::string> device_display_name(Session& session, std::uint64_t device, bool kernel_name) {
  auto name = session.context.system.block_device_name(device);
  const auto major = dmcore::ioctl::device_major(device);
  if (!name || kernel_name || major != session.context.system.device_mapper_major()) return name;
  // sysfs shows the name as the kernel has it.
  libdm::Context plain(session.context.system, libdm::LogLevel::error,
                       [](libdm::LogLevel, std::string_view) {});
  plain.mangling = libdm::Mangling::none;
  Task task(plain, TaskType::info);
  task.set_device(static_cast<int>(major), static_cast<int>(dmcore::ioctl::device_minor(device)));
  if (task.run() && task.info().exists) return task.name();
  return name;
}

}  // namespace sim::dmsetup
