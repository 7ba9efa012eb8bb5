// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/batch_progress.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::cli {

BatchProgress::BatchProgress(Console& console, const CaseList& cases, bool shown)
    : progress_(console.err), single_(cases.size() == 1) {
  if (!shown) return;
  if (single_) {
    const std::string& text = *cases.at(0).text;
    progress_.start(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), "lines");
  } else {
    progress_.start(cases.size(), "runs");
  }
}

void BatchProgress::at(const Case& one, int line) {
  // The others have said enough.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  if (single_) {
    progress_.update(static_cast<std::uint64_t>(line) - 1, one.file);
  } else {
    progress_.update(done_, fmt::format("{}:{}", one.file, line));
  }
}

void BatchProgress::end_case(const Case& one) {
  if (single_) return;
  const std::lock_guard lock(mutex_);
  progress_.update(++done_, one.file);
}

}  // namespace sim::cli
