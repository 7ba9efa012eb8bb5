// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses in the program as places in its source, by addr2line of binutils.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sim::race::source_places {

// An address after a call, as a number of 32 bits; 0: not in the program itself.
std::uint32_t number(const void* return_address);

// "dmclone::CloneTarget::do_work() (dmclone/commit.cpp:88)": for each place that function and those that were
// inlined, the innermost first, without functions of libraries. If addr2line is missing, the numbers.
std::vector<std::string> lines(std::span<const std::uint32_t> numbers);

}  // namespace sim::race::source_places
