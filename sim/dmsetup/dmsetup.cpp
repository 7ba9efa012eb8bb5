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
  Program(System& system, std::string input) : session_(system) { session_.input = std::move(input); }

  Outcome run(std::span<const std::string> arguments) {
    ParsedOptions parsed = parse_options(arguments);
    session_.options = std::move(parsed.options);
    words_ = std::move(parsed.words);
    bool done = false;
    try {
      done = run_parsed(parsed.ok ? "" : parsed.error, parsed.ok);
    } catch (const Crash&) {
      // What it would have printed is lost with the buffer.
      return {Crash::exit_code, "", std::move(session_.err) + "Segmentation fault\n"};
    }
    // The library finishes what it has to do with device nodes when the program exits.
    session_.node_operations.apply();
    const bool ok = done || session_.options.help || session_.options.version;
    return {ok ? 0 : 1, std::move(session_.out), std::move(session_.err)};
  }

 private:
  bool refuse(std::string_view text) {
    session_.error("{}", text);
    return false;
  }

  bool run_parsed(const std::string& error, bool options_ok) {
    if (!options_ok) {
      session_.error("{}", error);
      return refuse("Couldn't process command line.");
    }
    if (session_.options.mangling) session_.mangling = *session_.options.mangling;
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
    Options& options = session_.options;
    const Command* command = &chosen;
    if (command->name == "splitname" || command->name == "stats") options.columns = true;
    if (command->name == "stats") {
      subcommand_ = arguments_.front();
      arguments_ = arguments_.subspan(1);
    }
    if (command->name == "mangle") session_.mangling = Mangling::none;
    std::string error;
    const auto display = parse_display_options(options, error);
    if (!display) {
      session_.error("{}", error);
      return refuse("Couldn't process command line.");
    }
    session_.display = *display;
    if (options.select && command->repeat == Repeat::with_select) {
      // The devices are found by a report, and the command runs on those it selects.
      selected_command_ = command;
      options.columns = true;
      command = find_command("info");
    }
    if (options.columns) {
      report_ = Report::create(call_for(*command, arguments_, false));
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
          session_.system.sleep_for(pause);
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
  std::string subcommand_;
  std::span<const std::string> arguments_;
  const Command* selected_command_ = nullptr;
  std::unique_ptr<Report> report_;
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

bool for_all_devices(const Call& call, CommandFunction function, bool silent) {
  Task list(call.session, TaskType::names);
  if (!list.run()) return false;
  if (list.names().empty() && !silent) call.session.print("No devices found\n");
  bool ok = true;
  for (const DeviceName& entry : list.names()) {
    Call each = call;
    each.device = &entry.name;
    each.device_number = entry.device;
    each.several_devices = true;
    ok = function(each) && ok;
  }
  return ok;
}

Outcome run(System& system, std::span<const std::string> arguments, std::string input) {
  return Program(system, std::move(input)).run(arguments);
}

}  // namespace sim::dmsetup
