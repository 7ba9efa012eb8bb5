// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <utility>

#include "sim/cli/explore/kind.h"
#include "sim/cli/failure.h"
#include "sim/cli/interleaving_json.h"
#include "sim/cli/version.h"

namespace sim::cli {

namespace {

using schedules::ScheduleReport;

class ScheduleKind final : public ExploreKind {
 public:
  explicit ScheduleKind(schedules::ScheduleOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string_view name() const override { return "schedules"; }
  [[nodiscard]] std::string bounds() const override;
  [[nodiscard]] std::vector<std::string> counts() const override {
    if (options_.run.crash) return {"runs", "blocked", "cut_off", "steps", "cuts", "distinct"};
    return {"runs", "blocked", "cut_off", "steps"};
  }
  [[nodiscard]] std::string totals(const ExploreTally& tally) const override {
    std::string text =
        fmt::format("{} schedules run, {} abandoned as known, {} cut off; {} steps\n", tally.counts[runs],
                    tally.counts[blocked], tally.counts[cut_off], tally.counts[steps]);
    if (options_.run.crash)
      text +=
          fmt::format("{} power cuts of them, {} different\n", tally.counts[cuts], tally.counts[distinct]);
    return text;
  }
  [[nodiscard]] std::string progress(const ExploreTally& tally) const override {
    return fmt::format("{} schedules", tally.counts[runs]);
  }
  [[nodiscard]] std::string divided(const Case& one) const override;
  void take_part(const Shard& shard) override { options_.part = {shard.index, shard.count}; }
  [[nodiscard]] ExploredCase explore(const Case& one, std::function<bool()> give_up) const override;

 private:
  // The places of what is counted.
  enum Count : std::size_t { runs, blocked, cut_off, steps, cuts, distinct };

  schedules::ScheduleOptions options_;
};

// A first run is enough to know it; it is judged by the part that it belongs to.
std::string ScheduleKind::divided(const Case& one) const {
  if (options_.engine != schedules::EngineKind::few)
    throw Mistake("one scenario is divided by its first deviations: say `--engine few`");
  schedules::ScheduleOptions options = options_;
  options.name = one.name;
  options.shrink = false;
  options.runs_max = 1;
  options.part = {2, 2};
  const schedules::ScheduleResult result = explore_schedules(one.text, options);
  if (result.verdict == explore::Verdict::mistake) throw Mistake(result.complaint);
  return result.report.divided;
}

ExploredCase ScheduleKind::explore(const Case& one, std::function<bool()> give_up) const {
  schedules::ScheduleOptions options = options_;
  options.give_up = std::move(give_up);
  options.seed = one.seed;
  options.name = one.name;
  schedules::ScheduleResult result = explore_schedules(one.text, options);
  const ScheduleReport& report = result.report;
  ExploredCase explored{.verdict = result.verdict,
                        .interrupted = report.interrupted,
                        .complaint = std::move(result.complaint),
                        .summary = summary_of(report),
                        .notes = {},
                        .story = {},
                        .scenario = std::move(result.scenario),
                        .token = std::move(result.token),
                        .details = {{"runs", report.runs},
                                    {"blocked", report.blocked},
                                    {"cut_off", report.cut_off},
                                    {"steps", report.steps},
                                    {"all", report.complete}},
                        .counts = {report.runs, report.blocked, report.cut_off, report.steps}};
  if (report.cuts) {
    explored.counts.insert(explored.counts.end(), {report.cuts->cuts, report.cuts->distinct});
    explored.details["cuts"] = report.cuts->cuts;
    explored.details["distinct"] = report.cuts->distinct;
    explored.details["starts"] = report.cuts->starts;
    explored.details["all_cuts"] = report.cuts->complete;
    for (const std::string& device : report.cuts->not_judged)
      explored.notes.push_back(fmt::format("not judged after power cuts: {}", device));
  }
  explored.divided = report.divided;
  if (report.few) explored.details["few"] = true;
  if (report.copies_over_discards != 0)
    explored.details["copies_over_discards"] = report.copies_over_discards;
  for (const std::string& device : report.not_judged)
    explored.notes.push_back(fmt::format("not judged: {}", device));
  if (!report.not_judged.empty()) explored.details["not_judged"] = report.not_judged;
  if (report.waiting != 0) {
    explored.details["waiting"] = report.waiting;
    explored.notes.push_back(fmt::format(
        "in {} runs a program waited for ever for a suspended device or a silent disk", report.waiting));
  }
  if (result.verdict == explore::Verdict::found) {
    explored.details["oracle"] = name_of(result.failure.oracle);
    if (result.failure.cuts) explored.details["promise"] = name_of(result.failure.cuts->oracle);
    explored.details["interleaving"] = interleaving_json(result.interleaving);
    explored.story = describe(result.failure);
    explored.interleaving = interleaving_text(result.interleaving, options.all_steps);
  }
  return explored;
}

std::string ScheduleKind::bounds() const {
  std::string text = fmt::format("dmsim {}; schedules by {}", version(), name_of(options_.engine));
  if (options_.engine == schedules::EngineKind::few)
    text +=
        fmt::format(" with at most {} differences from first in, first out, none of them a periodic timer",
                    options_.deviations);
  if (options_.engine == schedules::EngineKind::pct)
    text += fmt::format(" with {} changes", options_.priority_changes);
  if (options_.runs_max != 0) text += fmt::format(", at most {} runs", options_.runs_max);
  text +=
      fmt::format("{} of at most {} steps", options_.runs_max == 0 ? ", runs" : "", options_.run.steps_max);
  if (options_.engine == schedules::EngineKind::dpor || options_.engine == schedules::EngineKind::portfolio)
    text += "; complete where time passes only while no task can run";
  if (options_.run.crash)
    text += "; power cuts of each run, " + bounds_of_cuts(*options_.run.crash, options_.run.metadata);
  return text + special_machine(options_.run.machine);
}

}  // namespace

std::unique_ptr<ExploreKind> make_schedule_kind(schedules::ScheduleOptions options) {
  return std::make_unique<ScheduleKind>(std::move(options));
}

}  // namespace sim::cli
