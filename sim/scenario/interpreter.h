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

#include "dmcore/kernel/wait.h"

#include "sim/host/machine_system.h"
#include "sim/language/ast.h"
#include "sim/machine/machine.h"
#include "sim/scenario/error_names.h"
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
  using Sink = std::function<void(std::string_view line)>;

  // The machine must outlive the interpreter, and is not to be used by anybody else meanwhile.
  Interpreter(Machine& machine, Options options, Sink out);
  ~Interpreter();

  // Gets what dmsetup writes to its standard error, which is no part of a transcript.
  void set_error_sink(Sink errors) { errors_ = std::move(errors); }

  // Runs commands one after the other; may be called again and again. Throws MachineStopped. False if an
  // `expect` was wrong, now or before.
  bool run(const std::vector<language::Command>& commands);
  // The command that runs, or ran last.
  [[nodiscard]] language::SourcePosition at() const { return at_; }
  // The first `expect` that was wrong.
  [[nodiscard]] std::optional<language::SourcePosition> unexpected_at() const { return unexpected_at_; }
  // Calls `body`, as a process on the machine, with a bench that runs commands without telling about them.
  void with_bench(const std::function<void(tables::Bench&)>& body);

 private:
  class CommandBench;
  struct Job;

  void run_command(const language::Command& command);
  void start_job(const language::Command& command);
  void report(const Lines& lines);
  void report_log();
  void print(const std::string& line);

  // One function for each command; they return its output.
  Lines perform(const language::CommandBody& body);
  Lines perform(const language::DiskCommand& command);
  Lines perform(const language::DmsetupCommand& command);
  Lines perform(const language::WriteCommand& command);
  Lines perform(const language::ReadCommand& command);
  Lines perform(const language::Sha256Command& command);
  Lines perform(const language::DiscardCommand& command);
  Lines perform(const language::FlushCommand& command);
  Lines perform(const language::IostatCommand& command);
  Lines perform(const language::SysfsCommand& command);
  Lines perform(const language::PokeCommand& command);
  Lines perform(const language::LoadCommand& command);
  Lines perform(const language::SaveCommand& command);
  Lines perform(const language::TablesCommand& command);
  Lines perform(const language::SleepCommand& command);
  Lines perform(const language::UntilCommand& command);
  Lines perform(const language::WaitCommand& command);
  Lines perform(const language::ExpectCommand& command);

  [[nodiscard]] std::string device_path(const std::string& name) const;
  // Lets virtual time pass, and then everything run that is due.
  void pass_time(dmcore::Duration duration);

  Machine& machine_;
  Options options_;
  Sink out_;
  Sink errors_;
  host::MachineSystem system_;
  std::vector<std::unique_ptr<Job>> jobs_;  // those that nobody has waited for, in the order of their start
  std::map<std::string, dmcore::IoCounters> counted_;  // of each disk, at its last iostat
  std::string last_output_;                            // of the command before
  language::SourcePosition at_;
  std::optional<language::SourcePosition> unexpected_at_;
};

}  // namespace sim::scenario
