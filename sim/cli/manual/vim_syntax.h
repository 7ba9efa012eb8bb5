// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace sim::cli::manual {

// Highlights scenarios: the commands and options that the parser knows.
std::string vim_syntax();
// Tells vim which files are scenarios.
inline constexpr std::string_view vim_ftdetect = "autocmd BufNewFile,BufRead *.dms setfiletype dms\n";

}  // namespace sim::cli::manual
