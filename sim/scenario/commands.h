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

class Commands {
 public:
  // Gets a line of text without its end.
  using Sink = std::function<void(std::string_view line)>;

  // The host must outlive this. `errors` gets what dmsetup writes to its standard error, which is no part of
  // a transcript.
  Commands(host::Host& host, Sink errors) : host_(host), errors_(std::move(errors)) {}

  // Process context. Each returns the command's output.
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
  Lines perform(const language::SleepCommand& command);
  Lines perform(const language::UntilCommand& command);

 private:
  host::Host& host_;
  Sink errors_;
};

}  // namespace sim::scenario
