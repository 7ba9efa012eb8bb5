// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/dmsetup.h"

#include <array>
#include <memory>

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

using Repeat = Command::Repeat;

constexpr std::array commands = std::to_array<Command>({
    {"help", 0, 0, Repeat::no, help},
    {"create", 0, 2, Repeat::no, create},
    {"remove", 0, -1, Repeat::with_select, remove},
    {"remove_all", 0, 0, Repeat::no, remove_all},
    {"suspend", 0, -1, Repeat::with_select, suspend},
    {"resume", 0, -1, Repeat::with_select, resume},
    {"load", 0, 2, Repeat::no, load},
    {"clear", 0, -1, Repeat::with_select, clear},
    {"reload", 0, 2, Repeat::no, load},
    {"wipe_table", 0, -1, Repeat::with_select, wipe_table},
    {"rename", 1, 2, Repeat::no, rename},
    {"measure", 0, -1, Repeat::with_select, status},
    {"message", 2, -1, Repeat::no, message},
    {"ls", 0, 0, Repeat::no, ls},
    {"info", 0, -1, Repeat::yes, info},
    {"deps", 0, -1, Repeat::with_select, deps},
    {"stats", 1, -1, Repeat::yes, stats},
    {"status", 0, -1, Repeat::with_select, status},
    {"table", 0, -1, Repeat::with_select, status},
    {"wait", 0, 2, Repeat::no, wait},
    {"mknodes", 0, -1, Repeat::yes, mknodes},
    {"mangle", 0, -1, Repeat::yes, mangle_names},
    {"udevcreatecookie", 0, 0, Repeat::no, udev_create_cookie},
    {"udevreleasecookie", 0, 1, Repeat::no, udev_release_cookie},
    {"udevflags", 1, 1, Repeat::no, udev_flags},
    {"udevcomplete", 1, 1, Repeat::no, udev_complete},
    {"udevcomplete_all", 0, 1, Repeat::no, udev_complete_all},
    {"udevcookies", 0, 0, Repeat::no, udev_cookies},
    {"target-version", 1, -1, Repeat::yes, target_version},
    {"targets", 0, 0, Repeat::no, targets},
    {"version", 0, 0, Repeat::no, version},
    {"setgeometry", 5, 5, Repeat::no, set_geometry},
    {"splitname", 1, 2, Repeat::no, split_name},
});

// One run, from the command line to the exit code.
class Program {
 public:
  Program(libdm::System& system, ParsedOptions parsed, std::string input)
      : session_(system, std::move(parsed.options), std::move(input)),
        words_(std::move(parsed.words)),
        columns_(session_.options.columns) {
    if (!parsed.ok) mistake_ = std::move(parsed.error);
  }

  Outcome run() {
    bool done = false;
    try {
      done = run_parsed();
    } catch (const Crash&) {
      // What it would have printed is lost with the buffer.
      return {Crash::exit_code, "", std::move(session_.err) + "Segmentation fault\n"};
    }
    // The library finishes what it has to do with device nodes when the program exits.
    session_.context.node_operations.apply();
    const bool ok = done || session_.options.help || session_.options.version;
    return {ok ? 0 : 1, std::move(session_.out), std::move(session_.err)};
  }

 private:
  bool refuse(std::string_view text) {
    session_.error("{}", text);
    return false;
  }

  bool run_parsed() {
    if (mistake_) {
      session_.error("{}", *mistake_);
      return refuse("Couldn't process command line.");
    }
    if (session_.options.mangling) session_.context.mangling = *session_.options.mangling;
    // These two want nothing else checked.
    if (session_.options.help || session_.options.version) {
      static constexpr Command version_of_stats{"version", 0, -1, Repeat::yes, version};
      const bool stats = !words_.empty() && words_[0] == "stats" && !session_.options.help;
      const Command* command = find_command(session_.options.help ? "help" : "version");
      arguments_ = words_.empty() ? std::span<const std::string>() : std::span(words_).subspan(1);
      return repeat(stats ? version_of_stats : *command);
    }
    if (words_.empty()) return refuse("Usage: dmsetup COMMAND [OPTION...] [ARGUMENT...]");
    const Command* command = find_command(words_[0]);
    if (command == nullptr) return refuse("Unknown command.");
    arguments_ = std::span(words_).subspan(1);
    const bool too_many =
        command->arguments_max >= 0 && arguments_.size() > static_cast<std::size_t>(command->arguments_max);
    if (arguments_.size() < command->arguments_min || too_many)
      return refuse("Incorrect number of arguments.");
    return prepare(*command);
  }

  bool prepare(const Command& chosen) {
    const Options& options = session_.options;
    const Command* command = &chosen;
    if (command->name == "splitname" || command->name == "stats") columns_ = true;
    if (command->name == "stats") {
      subcommand_ = arguments_.front();
      arguments_ = arguments_.subspan(1);
    }
    if (command->name == "mangle") session_.context.mangling = libdm::Mangling::none;
    const auto display = parse_display_options(options, columns_);
    if (!display) {
      session_.error("{}", display.error());
      return refuse("Couldn't process command line.");
    }
    session_.display = *display;
    if (options.select && command->repeat == Repeat::with_select) {
      // The devices are found by a report, and the command runs on those it selects.
      selected_command_ = command;
      columns_ = true;
      command = find_command("info");
    }
    if (columns_) {
      report_ = DeviceReport::create(call_for(*command, arguments_, false));
      if (report_ == nullptr) return false;
    }
    if (options.units && !valid_units(*options.units)) return refuse("Invalid --units argument.");
    return repeat(*command);
  }

  Call call_for(const Command& command, std::span<const std::string> arguments, bool several) {
    return {.session = session_,
            .report = report_.get(),
            .selected = selected_command_,
            .command = command,
            .subcommand = subcommand_,
            .arguments = arguments,
            .device = nullptr,
            .device_number = 0,
            .depth = 0,
            .several_devices = several};
  }

  // --count and --interval print a report again and again.
  bool repeat(const Command& command) {
    const Options& options = session_.options;
    const bool endless = options.count == 0 && (options.count_given || options.interval_given);
    int rounds = options.count != 0 ? options.count : 1;
    const auto pause = std::chrono::seconds(options.interval_given ? options.interval : 1);
    for (;; rounds--) {
      const bool ok = run_on_arguments(command);
      if (session_.concise_printed) session_.out += '\n';
      if (report_ != nullptr) {
        if (options.count != 1 && !report_->empty()) report_->print_headings();
        report_->output();
        if (rounds > 1 && ok) {
          session_.out += '\n';
          session_.context.system.sleep_for(pause);
        }
      }
      if (ok && endless) return refuse("This would go on for ever. Please give a --count.");
      if (!ok) return session_.backtrace();
      if (rounds == 1) return true;
    }
  }

  bool run_on_arguments(const Command& command) {
    const Options& options = session_.options;
    const bool named_otherwise = options.uuid || options.major;
    const bool several =
        command.repeat != Repeat::no && arguments_.size() != 1 && (!arguments_.empty() || !named_otherwise);
    auto arguments = arguments_;
    while (true) {
      if (!command.function(call_for(command, arguments, several))) return refuse("Command failed.");
      if (command.repeat == Repeat::no || arguments.size() <= 1) return true;
      arguments = arguments.subspan(1);
    }
  }

  Session session_;
  std::vector<std::string> words_;
  std::optional<std::string> mistake_;  // on the command line
  bool columns_;                        // the command prints a report
  std::string subcommand_;
  std::span<const std::string> arguments_;
  const Command* selected_command_ = nullptr;
  std::unique_ptr<DeviceReport> report_;
};

}  // namespace

const Command* find_command(std::string_view name) {
  for (const Command& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  names.reserve(commands.size());
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

bool choose_device(Session& session, Task& task, const std::string* name) {
  const Options& options = session.options;
  if (name != nullptr) return task.set_name(*name) || session.backtrace();
  if (options.uuid) return task.set_uuid(*options.uuid) || session.backtrace();
  if (options.major) {
    task.set_device(*options.major, *options.minor);
    return true;
  }
  session.error("No device specified.");
  return false;
}

void apply_common_options(const Session& session, Task& task) {
  task.no_open_count = session.options.no_open_count;
  task.inactive = session.options.inactive;
  task.checks = session.options.checks;
}

std::optional<std::vector<libdm::DeviceName>> all_devices(Session& session, bool silent) {
  Task list(session.context, TaskType::names);
  if (!list.run()) return std::nullopt;
  if (list.names().empty() && !silent) session.print("No devices found\n");
  return list.names();
}

bool add_all_devices(Session& session, libdm::DependencyTree& tree) {
  const auto devices = all_devices(session);
  if (!devices) return false;
  bool ok = true;
  for (const libdm::DeviceName& entry : *devices) ok = tree.add(entry.device) && ok;
  return ok;
}

bool for_all_devices(const Call& call, CommandFunction function, bool silent) {
  const auto devices = all_devices(call.session, silent);
  if (!devices) return false;
  bool ok = true;
  for (const libdm::DeviceName& entry : *devices) {
    Call each = call;
    each.device = &entry.name;
    each.device_number = entry.device;
    each.several_devices = true;
    ok = function(each) && ok;
  }
  return ok;
}

Outcome run(libdm::System& system, std::span<const std::string> arguments, std::string input) {
  return Program(system, parse_options(arguments), std::move(input)).run();
}

}  // namespace sim::dmsetup
