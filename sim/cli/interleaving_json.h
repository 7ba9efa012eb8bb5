// SPDX-License-Identifier: GPL-2.0-or-later
// How a failure came about, as JSON and for people.
#pragma once

#include <string>

#include "sim/cli/json_line.h"
#include "sim/schedules/interleaving.h"

namespace sim::cli {

// A list with an object for each line.
Json interleaving_json(const schedules::Interleaving& interleaving);

// Lines; of very many those in the middle are left out, unless all steps were asked for.
std::string interleaving_text(const schedules::Interleaving& interleaving, bool all_steps);

}  // namespace sim::cli
