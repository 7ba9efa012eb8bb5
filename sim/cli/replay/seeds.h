// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim::cli {

// "1-100", "7", "1-3,9": the seeds in this order. Throws CLI::ValidationError for `option`.
std::vector<std::uint64_t> parse_seeds(const std::string& option, const std::string& text);

}  // namespace sim::cli
