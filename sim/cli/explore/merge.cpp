// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/merge.h"

#include <fmt/format.h>
#include <memory>
#include <utility>

#include "sim/cli/explore/explore_output.h"
#include "sim/cli/explore/part.h"
#include "sim/cli/failure.h"
#include "sim/text/printable.h"

namespace sim::cli {

using explore::Verdict;

namespace {

// One of the kinds, as the parts were explored.
class MergedKind final : public ExploreKind {
 public:
  explicit MergedKind(const PartResult& whole)
      : kind_(whole.kind == "crash" ? make_power_cut_kind({}) : make_schedule_kind({})),
        bounds_(whole.bounds) {}

  [[nodiscard]] std::string_view name() const override { return kind_->name(); }
  [[nodiscard]] std::string bounds() const override { return bounds_; }
  [[nodiscard]] std::vector<std::string> counts() const override { return kind_->counts(); }
  [[nodiscard]] std::string totals(const ExploreTally& tally) const override { return kind_->totals(tally); }
  [[nodiscard]] std::string progress(const ExploreTally& tally) const override {
    return kind_->progress(tally);
  }
  [[nodiscard]] std::string divided(const Case& one) const override { return kind_->divided(one); }
  [[nodiscard]] ExploredCase explore(const Case& one, std::function<bool()> give_up) const override {
    return kind_->explore(one, std::move(give_up));
  }

 private:
  std::unique_ptr<ExploreKind> kind_;
  std::string bounds_;
};

void say_what_is_missing(const MergedParts& merged, Console& console) {
  if (!merged.missing.empty()) {
    constexpr std::size_t named_max = 20;
    std::vector<std::uint64_t> named = merged.missing;
    if (named.size() > named_max) named.resize(named_max);
    console.err.print("dmsim: {} of {} parts are missing: {}{}\n", merged.missing.size(),
                      merged.whole.part.shard.count, fmt::join(named, ", "),
                      merged.missing.size() > named_max ? ", ..." : "");
  }
  for (const std::string& path : merged.ended)
    console.err.print("dmsim: {}: this part has not come to its end\n", printable(path));
}

}  // namespace

ExitStatus merge_explorations(const std::vector<std::string>& results, const MergeOptions& options,
                              Console& console) {
  const MergedParts merged = merge_parts(results);
  const MergedKind kind(merged.whole);
  if (kind.counts().size() != merged.whole.tally.counts.size())
    throw Mistake(fmt::format("{}: these counts are of another version", printable(results.front())));
  std::vector<std::unique_ptr<ExploreReporter>> reporters;
  reporters.push_back(options.json ? make_explore_json_reporter(console, kind)
                                   : make_explore_text_reporter(console, kind, false));
  if (!options.junit.empty()) reporters.push_back(make_explore_junit_reporter(options.junit, kind));
  const ExploreTally& tally = merged.whole.tally;
  for (const auto& reporter : reporters) {
    for (const PartResult::Found& found : merged.whole.found) reporter->report(found.name, found.explored);
    reporter->end(tally, merged.whole.complete);
  }
  if (!options.json && merged.missing.empty()) {
    console.out.print("merged from {} parts of one exploration, of which each is there once\n",
                      merged.whole.part.shard.count);
  }
  say_what_is_missing(merged, console);
  if (tally.count(Verdict::found) != 0) return ExitStatus::failed;
  if (tally.count(Verdict::mistake) != 0) return ExitStatus::mistake;
  return merged.whole.complete ? ExitStatus::ok : ExitStatus::stopped;
}

}  // namespace sim::cli
