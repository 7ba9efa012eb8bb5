// SPDX-License-Identifier: GPL-2.0-or-later
// Performs parsed commands on a host and returns the lines of the transcript that they print. The commands
// that are about the scenario itself, such as `wait` and `expect`, are the interpreter's.
#pragma once

#include <functional>
#include <string_view>

#include "sim/host/host.h"
#include "sim/language/ast.h"
#include "sim/scenario/error_names.h"

namespace sim::scenario {

// The options that a disk has beside its name, size, file and number.
DiskOptions disk_options(const language::DiskCommand& command);

class Commands {
 public:
  // Gets a line of text without its end.
  using Sink = std::function<void(std::string_view line)>;

  // The host must outlive this. `errors` gets what dmsetup writes to its standard error, which is no part of
  // a transcript.
  Commands(host::Host& host, Sink errors) : host_(host), errors_(std::move(errors)) {}

  // Process context. Each returns the command's output.
  CommandOutput perform(const language::DiskCommand& command);
  CommandOutput perform(const language::DmsetupCommand& command);
  CommandOutput perform(const language::WriteCommand& command);
  CommandOutput perform(const language::ReadCommand& command);
  CommandOutput perform(const language::Sha256Command& command);
  CommandOutput perform(const language::DiscardCommand& command);
  CommandOutput perform(const language::FlushCommand& command);
  CommandOutput perform(const language::IostatCommand& command);
  CommandOutput perform(const language::SysfsCommand& command);
  CommandOutput perform(const language::ParameterCommand& command);
  CommandOutput perform(const language::DropCachesCommand& command);
  CommandOutput perform(const language::PokeCommand& command);
  CommandOutput perform(const language::FaultCommand& command);
  CommandOutput perform(const language::LoadCommand& command);
  CommandOutput perform(const language::SaveCommand& command);
  CommandOutput perform(const language::SleepCommand& command);
  CommandOutput perform(const language::UntilCommand& command);

 private:
  host::Host& host_;
  Sink errors_;
};

}  // namespace sim::scenario
