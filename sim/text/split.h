// SPDX-License-Identifier: GPL-2.0-or-later
// Text cut at white space and at the ends of lines. Results are parts of the text that was given.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sim {

// What isspace() knows in the C locale.
inline constexpr std::string_view white_space = " \t\n\v\f\r";

// Without white space at the beginning.
std::string_view trimmed_front(std::string_view text);
// Without white space at both ends.
std::string_view trimmed(std::string_view text);

// The lines, without their ends; a newline at the text's end begins no line.
std::vector<std::string_view> lines_of(std::string_view text);
// The words that white space separates.
std::vector<std::string_view> words_of(std::string_view text);

// All of the text is decimal digits, and they fit.
std::optional<std::uint64_t> whole_number(std::string_view text);

}  // namespace sim
