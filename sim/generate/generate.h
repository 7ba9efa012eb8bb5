// SPDX-License-Identifier: GPL-2.0-or-later
// Random scenarios whose transcript is certain, on a real kernel as well as here: everything that could
// come out in two ways in real time is fenced or avoided (see clone.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::generate {

std::vector<std::string_view> theme_names();

// The text of a scenario: always the same for a seed. Without a theme, the seed chooses one; an unknown theme
// gives an empty text.
std::string generate_scenario(std::uint64_t seed, std::string_view theme = {});

}  // namespace sim::generate
