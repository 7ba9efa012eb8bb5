// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a scenario shorter as long as something stays true of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sim::explore {

// Takes commands out, many at once and then one by one, until none of them can go: the result is 1-minimal.
// `holds` is true of the text, and is asked about each attempt; it may be given texts that are no scenarios.
std::string shrink_scenario(std::string_view text, const std::function<bool(const std::string&)>& holds);

}  // namespace sim::explore
