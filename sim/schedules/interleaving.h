// SPDX-License-Identifier: GPL-2.0-or-later
// A run as a person reads it: who does what, in which order, and what of that order is not first in, first
// out.
//
// Of the steps only those are in it that a failure can be about: two of different tasks whose order can be
// seen, and is another one than first in, first out would have. Besides, where a task was passed over, what
// each task waited for and who woke it, and the requests of programs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/schedules/trace.h"

namespace sim::schedules {

struct Interleaving {
  struct Line {
    bool is_step = false;
    std::uint64_t step = 0;      // which one it is of all that are explored, from 1 on; else the one before
    std::size_t task = 0;        // an index of `tasks`
    int for_line = 0;            // of a kernel's task: the line of the program that began it; 0: of none
    std::string text;            // what it does
    std::uint64_t before = 0;    // first in, first out it comes after this step; 0: there is none
    std::uint64_t left_out = 0;  // steps between the line before and this one
    dmcore::Time at{0};
  };
  struct Task {
    std::string
        name;      // the command of a program; what the kernel calls its tasks, several of a name together
    int line = 0;  // of a program; 0: a task of the kernel
  };

  std::vector<Task> tasks;  // programs first, in the order of their lines
  std::vector<Line> lines;
  std::uint64_t steps = 0;  // of the whole run
};

// `first_in_first_out`: the same scenario under that schedule. `programs`: ScenarioRun::programs(). `all`:
// every step.
Interleaving interleaving_of(const Trace& run, const Trace& first_in_first_out,
                             const std::map<int, std::string>& programs, bool all);

// Lines, a column for each task, of at most 112 characters. More than `lines_max` lines are cut in the
// middle; 0: never.
std::string to_string(const Interleaving& interleaving, std::size_t lines_max);

}  // namespace sim::schedules
