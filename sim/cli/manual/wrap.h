// SPDX-License-Identifier: GPL-2.0-or-later
// Text in lines of a limited width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sim::cli::manual {

// Breaks a UTF-8 text between words, and ends it with a newline. The first line continues one that has `at`
// columns already; the others are indented by `indent` columns. A word that is longer than a line is not
// broken.
std::string wrapped(std::string_view text, std::size_t at, std::size_t indent, std::size_t columns);

}  // namespace sim::cli::manual
