// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/generate.h"

#include <algorithm>
#include <array>

#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

struct Theme {
  std::string_view name;
  unsigned weight;
  void (*write)(Bench& bench);
};

constexpr std::array themes = std::to_array<Theme>({
    {"plain-io", 10, plain_io},
    {"discards", 6, discards},
    {"large-blocks", 4, large_blocks},
    {"flush-counts", 5, flush_counts},
    {"hydration", 7, hydration},
    {"lifecycle", 8, lifecycle},
    {"waiting-io", 3, waiting_io},
    {"replacement", 2, replacement},
    {"listing", 3, listing},
    {"clone-tables", 6, clone_tables},
    {"companion-tables", 6, companion_tables},
    {"messages", 6, messages},
    {"numbers-of-tables", 3, numbers_of_tables},
    {"stacks", 8, stacks},
    {"queue-limits", 4, queue_limits},
    {"several-clones", 4, several_clones},
    {"failing-source", 4, failing_source},
    {"failing-destination", 4, failing_destination},
    {"failing-metadata", 4, failing_metadata},
    {"reopening", 6, reopening},
    {"metadata-bytes", 6, metadata_bytes},
    {"small-metadata", 2, small_metadata},
    {"damage", 6, damage},
    {"history", 8, history},
    {"failing-blocks", 6, failing_blocks},
    {"commit-clock", 3, commit_clock},
    {"intervals", 3, intervals},
    {"delays", 3, delays},
    {"events", 2, events},
    {"large", 4, large},
    {"too-large", 2, too_large},
    {"misaligned", 4, misaligned},
    {"commands", 8, commands},
    {"soup", 8, soup},
    {"turns", 0, turns},  // the kernel itself may answer in two ways: only on request
});

const Theme* find(std::string_view name) {
  const auto* found =
      std::find_if(themes.begin(), themes.end(), [&](const Theme& t) { return t.name == name; });
  return found == themes.end() ? nullptr : found;
}

const Theme& chosen_by(Random& random) {
  unsigned total = 0;
  for (const Theme& theme : themes) total += theme.weight;
  std::uint64_t drawn = random.below(total);
  const Theme* theme = themes.data();
  while (drawn >= theme->weight) drawn -= (theme++)->weight;
  return *theme;
}

}  // namespace

std::vector<std::string_view> theme_names() {
  std::vector<std::string_view> names;
  names.reserve(themes.size());
  for (const Theme& theme : themes) names.push_back(theme.name);
  return names;
}

std::string generate_scenario(std::uint64_t seed, std::string_view name) {
  Bench bench(seed);
  const Theme* theme = name.empty() ? &chosen_by(bench.random) : find(name);
  if (theme == nullptr) return {};
  bench.comment(fmt::format("{}, seed {}", theme->name, seed));
  theme->write(bench);
  return bench.text();
}

}  // namespace sim::generate
