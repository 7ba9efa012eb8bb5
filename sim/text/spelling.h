// SPDX-License-Identifier: GPL-2.0-or-later
// Suggestions for misspelled words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sim {

// The known word that was probably meant: one with few letters missing, added, wrong or exchanged, or one
// that `word` is the beginning of. Case does not count, nor does '-' for '_'. Of several equally near, the
// first.
std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> known);

// "; did you mean 'replay'?" to be appended to a message; empty if no known word is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

// The same; if no known word is near, all of them behind "; " and `intro`: "; there are disk, dmsetup, ...".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view intro);

}  // namespace sim
