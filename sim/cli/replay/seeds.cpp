// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/seeds.h"

#include "sim/cli/options.h"

namespace sim::cli {

std::vector<std::uint64_t> parse_seeds(const std::string& option, const std::string& text) {
  // More would take days: a mistake in typing.
  constexpr std::uint64_t seeds_max = 10'000'000;
  std::vector<std::uint64_t> seeds;
  for (const std::string& part : CLI::detail::split(text, ',')) {
    const std::size_t dash = part.find('-', 1);
    const std::uint64_t first = whole_number(option, part.substr(0, dash), 0, UINT64_MAX);
    const std::uint64_t last =
        dash == std::string::npos ? first : whole_number(option, part.substr(dash + 1), 0, UINT64_MAX);
    if (last < first) throw CLI::ValidationError(option, fmt::format("'{}' ends before it begins", part));
    if (last - first >= seeds_max - seeds.size())
      throw CLI::ValidationError(option, fmt::format("'{}' has more than {} seeds", text, seeds_max));
    for (std::uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  }
  if (seeds.empty()) throw CLI::ValidationError(option, "there are no seeds; seeds are written like 1-100");
  return seeds;
}

}  // namespace sim::cli
