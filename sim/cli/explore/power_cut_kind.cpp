// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <utility>

#include "sim/cli/explore/kind.h"
#include "sim/cli/failure.h"
#include "sim/cli/version.h"
#include "sim/explore/describe.h"

namespace sim::cli {

namespace {

using explore::CrashReport;

Json details_of(const explore::PowerCutResult& result) {
  const CrashReport& report = result.report;
  Json details = {{"cuts", report.cuts},
                  {"other_orders", report.reordered},
                  {"all_orders", report.orders_complete},
                  {"distinct", report.distinct},
                  {"later_cuts", report.later_cuts},
                  {"states_millibits", report.states_millibits},
                  {"recoveries", report.recoveries},
                  {"looked_at", report.looked_at},
                  {"branches", report.branches}};
  if (report.runs != 0) details["runs"] = report.runs;
  if (report.samples != 0) details["samples"] = report.samples;
  if (report.too_many_recoveries) details["too_many_recoveries"] = true;
  if (report.copies_over_discards != 0) details["copies_over_discards"] = report.copies_over_discards;
  if (report.early_fua_writes != 0) details["early_fua_writes"] = report.early_fua_writes;
  if (!report.not_judged.empty()) details["not_judged"] = report.not_judged;
  if (result.verdict == explore::Verdict::found) details["oracle"] = name_of(report.violation->oracle);
  return details;
}

class PowerCutKind final : public ExploreKind {
 public:
  explicit PowerCutKind(explore::PowerCutOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::string_view name() const override { return "crash"; }
  [[nodiscard]] std::string bounds() const override;
  [[nodiscard]] std::vector<std::string> counts() const override {
    return {"cuts",    "other_orders", "not_all_orders", "runs",      "distinct",
            "samples", "later_cuts",   "recoveries",     "looked_at", "branches"};
  }
  [[nodiscard]] std::string totals(const ExploreTally& tally) const override;
  [[nodiscard]] std::string progress(const ExploreTally& tally) const override {
    return fmt::format("{} cuts", tally.counts[cuts]);
  }
  [[nodiscard]] std::string divided(const Case&) const override {
    throw Mistake("the power cuts of one scenario are not divided: give several scenarios");
  }
  [[nodiscard]] ExploredCase explore(const Case& one, std::function<bool()> give_up) const override;

 private:
  // The places of what is counted.
  enum Count : std::size_t {
    cuts,
    other_orders,
    not_all_orders,
    runs,
    distinct,
    samples,
    later_cuts,
    recoveries,
    looked_at,
    branches,
  };

  explore::PowerCutOptions options_;
};

ExploredCase PowerCutKind::explore(const Case& one, std::function<bool()> give_up) const {
  explore::PowerCutOptions options = options_;
  options.settings.give_up = std::move(give_up);
  options.workload.schedule.seed = one.seed;
  options.workload.name = one.name;
  explore::PowerCutResult result = explore::explore_power_cuts(one.text, options);
  const CrashReport& report = result.report;
  ExploredCase explored{.verdict = result.verdict,
                        .interrupted = report.interrupted,
                        .complaint = std::move(result.complaint),
                        .summary = explore::summary_of(report),
                        .notes = {},
                        .story = std::move(result.retraced),
                        .scenario = std::move(result.scenario),
                        .token = std::move(result.token),
                        .details = details_of(result),
                        .counts = {report.cuts, report.reordered, report.orders_complete ? 0U : 1U,
                                   report.runs, report.distinct, report.samples, report.later_cuts,
                                   report.recoveries, report.looked_at, report.branches}};
  for (const std::string& device : report.not_judged)
    explored.notes.push_back(fmt::format("not judged: {}", device));
  return explored;
}

std::string PowerCutKind::totals(const ExploreTally& tally) const {
  const std::vector<std::uint64_t>& all = tally.counts;
  std::string text = fmt::format(
      "{} cuts and {} of other orders, {} of them different; {} later cuts; {} recoveries run, {} looked "
      "at, {} branches\n",
      all[cuts], all[other_orders], all[distinct], all[later_cuts], all[recoveries], all[looked_at],
      all[branches]);
  if (all[runs] != 0)
    text +=
        fmt::format("{} runs of scenarios that say `crash` themselves, with different states\n", all[runs]);
  if (all[samples] != 0) text += fmt::format("{} samples of what was left after a budget\n", all[samples]);
  if (all[not_all_orders] != 0) {
    text += fmt::format("{} scenario{} more cuts of other orders than were looked at: see --orders\n",
                        all[not_all_orders], all[not_all_orders] == 1 ? " has" : "s have");
  }
  return text;
}

std::string PowerCutKind::bounds() const {
  const bool fifo = options_.workload.schedule.kind == Schedule::Kind::fifo;
  std::string text = fmt::format("dmsim {}; power cuts of one run each, {}, {}", version(),
                                 fifo ? "first in first out" : "in a random order",
                                 bounds_of_cuts(options_.settings, options_.workload.metadata));
  return text + special_machine(options_.workload.machine);
}

}  // namespace

std::string bounds_of_cuts(const explore::CrashSettings& settings, const std::vector<std::string>& metadata) {
  std::string oracles;
  for (std::size_t i = 0; i < explore::oracle_count; ++i) {
    if (settings.oracles[i])
      oracles += fmt::format("{}{}", oracles.empty() ? "" : ",", name_of(static_cast<explore::Oracle>(i)));
  }
  std::string text =
      fmt::format("{}, depth {}, blocks torn by {}; oracles {}",
                  settings.orders_max == 0
                      ? "its own order only"
                      : fmt::format("and of up to {} other orders of each command", settings.orders_max),
                  settings.depth, name_of(settings.tear), oracles);
  if (settings.cuts_max != 0) text += fmt::format("; budget {}", settings.cuts_max);
  if (!metadata.empty()) text += fmt::format("; metadata {}", fmt::join(metadata, ","));
  return text;
}

std::unique_ptr<ExploreKind> make_power_cut_kind(explore::PowerCutOptions options) {
  return std::make_unique<PowerCutKind>(std::move(options));
}

}  // namespace sim::cli
