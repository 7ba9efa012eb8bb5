// SPDX-License-Identifier: GPL-2.0-or-later
// Command lines as getopt_long(3) reads them: options anywhere between the words, long ones abbreviated as
// far as they stay unique, "--" ending them.
//
// glibc's own keeps its state in global variables, which many machines in one process cannot share.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim::dmsetup {

struct LongOption {
  std::string_view name;
  bool has_argument;
  int value;
};

// What was found: a short option (`letter`) or a long one (`value`). The argument is empty for one that takes
// none.
struct FoundOption {
  char letter = 0;
  int value = -1;
  std::string argument;
};

struct CommandLine {
  bool ok = true;
  std::string error;               // not ok: what getopt would print
  std::vector<std::string> words;  // what is not an option, in order
};

// `letters` as for getopt(3): a letter, and ':' after it if it takes an argument. `found` is called for each
// option in the order of the command line; when it returns false, or an option is wrong, reading stops.
CommandLine read_command_line(std::span<const std::string> arguments, std::string_view letters,
                              std::span<const LongOption> long_options,
                              const std::function<bool(const FoundOption&)>& found);

}  // namespace sim::dmsetup
