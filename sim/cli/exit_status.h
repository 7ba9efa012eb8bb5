// SPDX-License-Identifier: GPL-2.0-or-later
// The exit statuses of dmsim: what the code returns, and what --help and the manual pages say about it.
#pragma once

#include <array>
#include <string_view>

namespace sim::cli {

enum class ExitStatus : int {
  ok = 0,
  failed = 1,         // what was asked for did not come out, or its output could not be written
  mistake = 2,        // the command line or an input is wrong; nothing has run
  stopped = 3,        // the machine stopped
  interrupted = 130,  // 128 + SIGINT, as shells have it
  terminated = 143,   // 128 + SIGTERM
};

struct ExitMeaning {
  ExitStatus status;
  std::string_view meaning;  // Markdown
};

// Of every subcommand; some say more precisely what one of them means there.
inline constexpr auto exit_meanings = std::to_array<ExitMeaning>({
    {ExitStatus::ok, "done"},
    {ExitStatus::failed,
     "it ran, and the result is not as it should be; or what it should write could not be written"},
    {ExitStatus::mistake,
     "the command line or an input is wrong, or an input cannot be read; nothing has run"},
    {ExitStatus::stopped, "the simulated machine stopped; a report says why"},
    {ExitStatus::interrupted, "interrupted (SIGINT, Ctrl-C)"},
    {ExitStatus::terminated, "terminated (SIGTERM)"},
});

}  // namespace sim::cli
