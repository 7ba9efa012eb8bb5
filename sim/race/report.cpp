// SPDX-License-Identifier: GPL-2.0-or-later
// The report of a race: both accesses, their tasks, and where in the source they are.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <mutex>
#include <set>
#include <utility>

#include "sim/race/detector.h"
#include "sim/race/source_places.h"

namespace sim::race {

namespace {

// DMSIM_RACES=list: races do not stop the machine; each pair of places is listed once on standard error.
bool listing() {
  static const bool wanted = [] {
    const char* value = std::getenv("DMSIM_RACES");
    return value != nullptr && std::string_view(value) == "list";
  }();
  return wanted;
}

bool listed_before(std::uint32_t a, std::uint32_t b) {
  static std::mutex mutex;
  static std::set<std::pair<std::uint32_t, std::uint32_t>> listed;
  const std::lock_guard guard(mutex);
  return !listed.emplace(std::minmax(a, b)).second;
}

constexpr std::size_t callers_max = 12;

}  // namespace

std::uint32_t Detector::place_number(const void* place) {
  return source_places::number(place);
}

std::string Detector::describe_task(const Cell& cell) const {
  const std::vector<Tenant>& tenants = slots_[cell.slot].tenants;
  const auto after = std::find_if(tenants.rbegin(), tenants.rend(),
                                  [&](const Tenant& tenant) { return tenant.first <= cell.epoch; });
  if (after == tenants.rend()) return "a task";
  return fmt::format("task {} '{}' ({})", after->id, after->name, dmcore::task_kind_name(after->kind));
}

// The place first, then its callers.
std::string Detector::describe_access(const Cell& cell) const {
  std::vector<std::string> locks;
  for (std::uint32_t set = cell.locks; set != 0; set = lock_sets_.parent(set)) {
    // The sets hold addresses as numbers, of names and of code.
    locks.push_back(fmt::format(
        "'{}'", reinterpret_cast<const char*>(lock_sets_.step(set))));  // NOLINT(performance-no-int-to-ptr)
  }
  std::reverse(locks.begin(), locks.end());
  std::string text = fmt::format("\n  {} by {}, holds {}", cell.write ? "write" : "read", describe_task(cell),
                                 locks.empty() ? "no locks" : fmt::format("{}", fmt::join(locks, ", ")));
  std::vector<std::uint32_t> places = {cell.place};
  for (std::uint32_t path = cell.path; path != 0 && places.size() < callers_max; path = paths_.parent(path)) {
    const auto* code = reinterpret_cast<const void*>(paths_.step(path));  // NOLINT(performance-no-int-to-ptr)
    places.push_back(source_places::number(code));
  }
  for (const std::string& line : source_places::lines(places)) text += "\n    " + line;
  return text;
}

void Detector::report(const Cell& now, const Cell& earlier) {
  if (listing() ? listed_before(now.place, earlier.place) : std::exchange(reported_, true)) return;
  const int bytes = std::popcount(static_cast<unsigned>(now.mask & earlier.mask));
  std::string text = fmt::format("race: {} of {} byte{} that nothing orders",
                                 now.write && earlier.write ? "two writes" : "a read and a write", bytes,
                                 bytes == 1 ? "" : "s");
  text += describe_access(now) + describe_access(earlier);
  if (listing()) {
    std::fprintf(stderr, "%s\n", text.c_str());
  } else {
    runtime_.note_violation(text);
  }
}

}  // namespace sim::race
