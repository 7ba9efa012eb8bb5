// SPDX-License-Identifier: GPL-2.0-or-later
// Runs scenarios on a machine and tells what happened: the transcript.
//
// A transcript has, for each command, the command itself behind "> ", then its output, then what the kernel
// logged behind "log: ". Between two commands no time passes, but everything that can run runs; only `sleep`,
// `until`, '&', `dmsetup wait` and the latencies of disks and targets let time go by.
#pragma once

#include <functional>
#include <memory>
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
  };
  // Gets each line of the transcript, without its end, as soon as it is known.
  using Sink = Commands::Sink;

  // The machine must outlive the interpreter, and is not to be used by anybody else meanwhile.
  Interpreter(Machine& machine, Options options, Sink out);

  // Gets what dmsetup writes to its standard error, which is no part of a transcript.
  void set_error_sink(Sink errors) { errors_ = std::move(errors); }

  // Runs commands one after the other; may be called again and again. Throws MachineStopped. False if an
  // `expect` was wrong, now or before.
  bool run(const std::vector<language::Command>& commands);

 private:
  // A command that runs in the background, and its output.
  struct Job {
    host::Process process;
    std::shared_ptr<Lines> output;
  };

  void run_command(const language::Command& command);
  void start_job(const language::Command& command);
  void report(const Lines& lines);
  void report_log();
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
  host::Host host_;
  Commands commands_;
  std::vector<Job> jobs_;    // those that nobody has waited for, in the order of their start
  std::string last_output_;  // of the command before
  bool as_expected_ = true;
};

}  // namespace sim::scenario
