// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the commands of a scenario on a machine and produces its transcript.
//
// A transcript has, for each command, the command itself after "> ", then its output, then what the kernel
// logged after "log: ". No time passes between two commands, but everything that can run runs; only `sleep`,
// `until`, '&', `dmsetup wait` and the latencies of disks and targets let time pass.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/host/host.h"
#include "sim/language/ast.h"
#include "sim/scenario/commands.h"

namespace sim::scenario {

class Interpreter {
 public:
  struct Options {
    std::string directory;       // where the files are that scenarios load; empty: the current one
    std::string save_directory;  // where `save` puts files
    bool echo = true;            // "> COMMAND"
    // A command that fails is unexpected, unless an `expect` right after it is met.
    bool strict = false;
    // A command in the background gets no time before the next one begins: they run at once, in any order of
    // their steps.
    bool at_once = false;
    // Makes `crash` possible: cuts the power of the machine, and returns one that was started with its disks.
    // Called while nothing runs; from then on the interpreter uses the new machine, and the old one may be
    // gone.
    std::function<Machine&(const language::CrashCommand& command, CommandOutput& output)> crash = {};
    host::IoWitness* witness = nullptr;  // of what commands do to devices. Not owned
    // Called before each command, and at the end before the output of each that ran in the background; may be
    // empty.
    std::function<void(language::SourcePosition)> on_command = {};
    // Process context; called after each command, or its start in the background; not after `crash`. May be
    // empty.
    std::function<void(const language::Command&)> after_command = {};
  };
  // What a scenario did not expect.
  struct Unexpected {
    enum class Cause {
      expect,   // one that was not met; the transcript says so, too
      command,  // one that failed, with `strict`
      host,     // an error of the host on the file of a disk
    };
    Cause cause = Cause::expect;
    language::SourcePosition where;
    std::string what;
  };
  // Gets each line of the transcript, without its end, as soon as it is known.
  using Sink = Commands::Sink;

  // The machine must outlive the interpreter, but for Options::crash, and must not be used otherwise while it
  // runs.
  Interpreter(Machine& machine, Options options, Sink out);

  // Gets what dmsetup writes to its standard error, which is no part of a transcript.
  void set_error_sink(Sink errors) { errors_ = std::move(errors); }

  // Gets the host's errors on files of disks, of which the machine only sees an I/O error. Without a sink
  // they stay with the machine.
  void set_host_error_sink(Sink errors) { host_errors_ = std::move(errors); }

  // Runs commands one after the other; may be called repeatedly. Throws MachineStopped.
  void run(const std::vector<language::Command>& commands);
  // The end of a scenario: waits for the commands that still run in the background and prints their output,
  // as `wait` does. Returns those that have not finished after a minute of virtual time, of which one says
  // that they are `still_running`.
  std::vector<language::SourcePosition> finish();
  static constexpr std::string_view still_running =
      "warning: still running in the background a minute after the last command; what it prints is lost";
  // The command that runs, or ran last.
  [[nodiscard]] language::SourcePosition at() const { return at_; }
  // Passes on the host's errors up to now. run() does so after each command, unless the machine stopped.
  void report_host_errors();
  // For commands from here on, until let_go(): see Host::hold(). Process context.
  void hold(const std::string& device) { host_->hold(device); }
  void let_go() { host_->let_go(); }
  // Lets time pass until the condition holds, a minute at most. False if it does not.
  bool wait_until(const std::function<bool()>& condition);
  // Whether a command that was started in the background has not ended.
  [[nodiscard]] bool busy() const;
  // The first thing.
  [[nodiscard]] const std::optional<Unexpected>& unexpected() const { return unexpected_; }

 private:
  // A command that runs in the background, and its output.
  struct Job {
    language::SourcePosition where;
    host::Process process;
    std::shared_ptr<CommandOutput> output;
  };

  void start_on(Machine& machine);
  void crash(const language::Command& command);
  void echo(const language::Command& command);
  void run_command(const language::Command& command);
  void start_job(const language::Command& command);
  void report(const Lines& lines);
  void begin_command(language::SourcePosition where);
  void note_failure(const CommandOutput& output);
  void end_failure();
  void take_unexpected(Unexpected unexpected);
  void report_log();
  void print(const std::string& line);

  // They return a command's output.
  CommandOutput perform(const language::CommandBody& body);
  template <class Command>
  CommandOutput perform(const Command& command) {
    return commands_->perform(command);
  }
  CommandOutput perform(const language::TablesCommand& command);
  CommandOutput perform(const language::WaitCommand& command);
  CommandOutput perform(const language::CrashCommand& command);
  CommandOutput perform(const language::ExpectCommand& command);

  Options options_;
  Sink out_;
  Sink errors_;
  Sink host_errors_;
  std::optional<host::Host> host_;
  std::optional<Commands> commands_;
  std::vector<Job> jobs_;    // not waited for yet, in the order in which they were started
  std::string last_output_;  // of the command before
  language::SourcePosition at_;
  std::optional<Unexpected> failure_;  // of the command before, until the next one says what it is
  std::optional<Unexpected> unexpected_;
};

}  // namespace sim::scenario
