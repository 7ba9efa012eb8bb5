// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments for tables. Which keywords there are, and what values they take, the targets declare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/generate/bench.h"

namespace sim::generate {

using Words = std::vector<std::string>;

// With hydration switched off, so that there is nothing to wait for, or with a threshold of 0. Usually right.
Words clone_words(Random& random, const Device& metadata, const Device& destination, const Device& source);
// Whether a clone with these words certainly does not hydrate.
bool surely_quiet(const Words& words);

// For one of the other targets, over two devices. Usually right.
Words companion_words(Random& random, std::string_view target, const Device& one, const Device& two);

// A malformed number, or one at the end of a range.
std::string odd_number(Random& random);

std::string join(const Words& words);

}  // namespace sim::generate
