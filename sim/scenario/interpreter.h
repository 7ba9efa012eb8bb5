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
#include "sim/tables/bring_up.h"

namespace sim::scenario {

class Interpreter {
 public:
  struct Options {
    std::string directory;       // where the files are that scenarios load; empty: the current one
    std::string save_directory;  // where `save` puts files
    bool echo = true;            // "> COMMAND"
  };
  // Gets each line of the transcript, without its end, as soon as it is known.
  using Sink = Commands::Sink;

  // The machine must outlive the interpreter, and must not be used otherwise while it runs.
  Interpreter(Machine& machine, Options options, Sink out);

  // Gets what dmsetup writes to its standard error, which is no part of a transcript.
  void set_error_sink(Sink errors) { errors_ = std::move(errors); }

  // Gets the host's errors on files of disks, of which the machine only sees an I/O error.
  void set_host_error_sink(Sink errors) { host_errors_ = std::move(errors); }

  // Runs commands one after the other; may be called repeatedly. Throws MachineStopped. False if an `expect`
  // was not met, now or before.
  bool run(const std::vector<language::Command>& commands);
  // The end of a scenario: waits for the commands that still run in the background and prints their output,
  // as `wait` does. Returns those that have not finished after a minute of virtual time.
  std::vector<language::SourcePosition> finish();
  // The command that runs, or ran last.
  [[nodiscard]] language::SourcePosition at() const { return at_; }
  // The first `expect` that was not met.
  [[nodiscard]] std::optional<language::SourcePosition> unexpected_at() const { return unexpected_at_; }
  // Calls `body`, as a process on the machine, with a bench that runs commands without telling about them.
  void with_bench(const std::function<void(tables::Bench&)>& body);

 private:
  class CommandBench;
  // A command that runs in the background, and its output.
  struct Job {
    language::SourcePosition where;
    host::Process process;
    std::shared_ptr<Lines> output;
  };

  void run_command(const language::Command& command);
  void start_job(const language::Command& command);
  void report(const Lines& lines);
  void report_log();
  void report_host_errors();
  void print(const std::string& line);

  // They return a command's output.
  Lines perform(const language::CommandBody& body);
  template <class Command>
  Lines perform(const Command& command) {
    return commands_.perform(command);
  }
  Lines perform(const language::TablesCommand& command);
  Lines perform(const language::WaitCommand& command);
  Lines perform(const language::ExpectCommand& command);

  Options options_;
  Sink out_;
  Sink errors_;
  Sink host_errors_;
  host::Host host_;
  Commands commands_;
  std::vector<Job> jobs_;    // not waited for yet, in the order in which they were started
  std::string last_output_;  // of the command before
  language::SourcePosition at_;
  std::optional<language::SourcePosition> unexpected_at_;
};

}  // namespace sim::scenario
