// SPDX-License-Identifier: GPL-2.0-or-later
// One run of dmsetup: what the real program keeps in global variables.
#pragma once

#include <fmt/core.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "sim/dmsetup/display_options.h"
#include "sim/dmsetup/options.h"
#include "sim/libdm/context.h"

namespace sim::dmsetup {

class Session {
 public:
  Session(libdm::System& system, Options options_in, std::string input)
      : options(std::move(options_in)),
        context(system, options.verbose < 2 ? libdm::LogLevel::error : libdm::LogLevel::debug,
                [this](libdm::LogLevel level, std::string_view line) {
                  ((level == libdm::LogLevel::error ? err : out) += line) += '\n';
                }),
        no_flush(options.no_flush),
        no_lockfs(options.no_lockfs),
        input_(std::move(input)) {}

  // Standard output, as it is.
  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  }
  // A line on standard error.
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    context.error(format, std::forward<Args>(args)...);
  }
  // See Context::backtrace(). Returns false.
  bool backtrace() { return context.backtrace(); }

  // The rest of standard input, which is then at its end.
  std::string take_input() { return std::exchange(input_, {}); }

  const Options options;
  std::string out;
  std::string err;
  libdm::Context context;
  DisplayOptions display;  // what -o says, for the command that runs
  // --noflush and --nolockfs. wipe_table --force switches both on for the rest of the run.
  bool no_flush;
  bool no_lockfs;
  bool concise_printed = false;  // table --concise: all on one line, ended at the end

 private:
  std::string input_;
};

}  // namespace sim::dmsetup
