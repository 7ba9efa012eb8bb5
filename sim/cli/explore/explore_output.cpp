// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/explore_output.h"

#include <fmt/format.h>
#include <numeric>

#include "sim/cli/json_line.h"
#include "sim/cli/junit_file.h"
#include "sim/cli/version.h"
#include "sim/defects/catalogue.h"
#include "sim/explore/describe.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using Verdict = explore::PowerCutResult::Verdict;

class TextReporter final : public ExploreReporter {
 public:
  TextReporter(Console& console, std::string bounds, bool each)
      : console_(console), bounds_(std::move(bounds)), each_(each) {}

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    console_.err.write(result.complaint);
    if (result.verdict == Verdict::mistake || result.verdict == Verdict::not_run) return;
    const bool wrong = result.verdict == Verdict::found;
    if (!wrong && !each_) return;
    console_.out.print("{}: {}\n", printable(name), explore::summary_of(result.report));
    for (const std::string& device : result.report.not_judged)
      console_.out.print("  not judged: {}\n", device);
    if (wrong) {
      console_.out.print(
          "{}the shortest scenario that was found, of which `dmsim replay FILE --token {}` repeats this:\n{}",
          result.retraced, result.token, result.scenario);
    }
    console_.out.flush();
  }

  void end(const ExploreTally& tally, bool complete) override {
    const std::uint64_t all = tally.total();
    console_.out.print("{} scenario{}: {} hold, {} found, {} ended, {} wrong, {} not run\n", all,
                       all == 1 ? "" : "s", tally.count(Verdict::holds), tally.count(Verdict::found),
                       tally.count(Verdict::ended), tally.count(Verdict::mistake),
                       tally.count(Verdict::not_run));
    console_.out.print(
        "{} cuts and {} of other orders, {} of them different; {} later cuts; {} recoveries run, {} looked "
        "at, "
        "{} branches\n",
        tally.cuts, tally.reordered, tally.distinct, tally.later_cuts, tally.recoveries, tally.looked_at,
        tally.branches);
    if (tally.runs != 0)
      console_.out.print("{} runs of scenarios that say `crash` themselves, with different states\n",
                         tally.runs);
    if (tally.samples != 0) console_.out.print("{} samples of what was left after a budget\n", tally.samples);
    if (tally.not_all_orders != 0) {
      console_.out.print("{} scenario{} more cuts of other orders than were looked at: see --orders\n",
                         tally.not_all_orders, tally.not_all_orders == 1 ? " has" : "s have");
    }
    const bool holds = complete && tally.count(Verdict::holds) == all && all != 0;
    console_.out.print("{}: {}\n", holds ? "certificate" : "no certificate", bounds_);
  }

 private:
  Console& console_;
  std::string bounds_;
  bool each_;
};

class JsonReporter final : public ExploreReporter {
 public:
  JsonReporter(Console& console, std::string bounds) : console_(console), bounds_(std::move(bounds)) {}

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    const explore::CrashReport& report = result.report;
    Json line = {{"scenario", name},
                 {"result", name_of(result.verdict)},
                 {"cuts", report.cuts},
                 {"other_orders", report.reordered},
                 {"all_orders", report.orders_complete},
                 {"distinct", report.distinct},
                 {"later_cuts", report.later_cuts},
                 {"states_millibits", report.states_millibits},
                 {"recoveries", report.recoveries},
                 {"looked_at", report.looked_at},
                 {"branches", report.branches}};
    if (report.runs != 0) line["runs"] = report.runs;
    if (report.samples != 0) line["samples"] = report.samples;
    if (report.too_many_recoveries) line["too_many_recoveries"] = true;
    if (report.copies_over_discards != 0) line["copies_over_discards"] = report.copies_over_discards;
    if (!report.not_judged.empty()) line["not_judged"] = report.not_judged;
    if (!result.complaint.empty()) line["complaint"] = result.complaint;
    if (result.verdict == Verdict::found) {
      line["oracle"] = name_of(report.violation->oracle);
      line["shortest"] = result.scenario;
      line["token"] = result.token;
      line["report"] = result.retraced;
    }
    print(line);
  }
  void end(const ExploreTally& tally, bool complete) override {
    Json counts;
    for (std::size_t i = 0; i < explore::PowerCutResult::verdicts; ++i)
      counts[std::string(name_of(static_cast<Verdict>(i)))] = tally.cases[i];
    print({{"summary", counts},
           {"complete", complete},
           {"cuts", tally.cuts},
           {"other_orders", tally.reordered},
           {"not_all_orders", tally.not_all_orders},
           {"runs", tally.runs},
           {"distinct", tally.distinct},
           {"bounds", bounds_}});
  }

 private:
  void print(const Json& line) {
    console_.out.write(json_line(line));
    console_.out.flush();
  }

  Console& console_;
  std::string bounds_;
};

class JunitReporter final : public ExploreReporter {
 public:
  explicit JunitReporter(const std::string& path) : file_(path) {}

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    pugi::xml_node test = file_.add_case("explore crash", name);
    if (result.verdict == Verdict::holds) return;
    if (result.verdict == Verdict::not_run || result.verdict == Verdict::ended) {
      test.append_child("skipped").append_attribute("message") = std::string(name_of(result.verdict)).c_str();
      return;
    }
    JunitFile::add_problem(test, result.verdict == Verdict::found, name_of(result.verdict), result.token,
                           result.complaint + result.retraced + result.scenario);
  }

  void end(const ExploreTally& tally, bool) override {
    file_.finish("dmsim explore crash",
                 {.tests = tally.total(),
                  .failures = tally.count(Verdict::found),
                  .errors = tally.count(Verdict::mistake),
                  .skipped = tally.count(Verdict::not_run) + tally.count(Verdict::ended)});
  }

 private:
  JunitFile file_;
};

}  // namespace

std::string bounds_of(const explore::PowerCutOptions& options) {
  const explore::CrashSettings& settings = options.settings;
  std::string oracles;
  for (std::size_t i = 0; i < explore::oracle_count; ++i) {
    if (settings.oracles[i])
      oracles += fmt::format("{}{}", oracles.empty() ? "" : ",", name_of(static_cast<explore::Oracle>(i)));
  }
  const bool fifo = options.workload.schedule.kind == Schedule::Kind::fifo;
  std::string text =
      fmt::format("dmsim {}; power cuts of one run each, {}, {}, depth {}, blocks torn by {}; oracles {}",
                  version(), fifo ? "first in first out" : "in a random order",
                  settings.orders_max == 0
                      ? "its own order only"
                      : fmt::format("and of up to {} other orders of each command", settings.orders_max),
                  settings.depth, name_of(settings.tear), oracles);
  if (settings.cuts_max != 0) text += fmt::format("; budget {}", settings.cuts_max);
  if (!options.workload.metadata.empty())
    text += fmt::format("; metadata {}", fmt::join(options.workload.metadata, ","));
  const explore::MachineKind& machine = options.workload.machine;
  if (machine.dialect != &dmclone::linux_dialect) text += fmt::format("; dialect {}", machine.dialect->name);
  const std::string defects = defect_names(machine.defects, ",");
  if (!defects.empty()) text += fmt::format("; defects {}", defects);
  return text;
}

void ExploreTally::add(const explore::PowerCutResult& result) {
  ++cases[static_cast<std::size_t>(result.verdict)];
  cuts += result.report.cuts;
  reordered += result.report.reordered;
  runs += result.report.runs;
  not_all_orders += result.report.orders_complete ? 0 : 1;
  distinct += result.report.distinct;
  samples += result.report.samples;
  later_cuts += result.report.later_cuts;
  recoveries += result.report.recoveries;
  looked_at += result.report.looked_at;
  branches += result.report.branches;
}

std::uint64_t ExploreTally::total() const {
  return std::accumulate(cases.begin(), cases.end(), std::uint64_t{0});
}

std::unique_ptr<ExploreReporter> make_explore_text_reporter(Console& console, std::string bounds, bool each) {
  return std::make_unique<TextReporter>(console, std::move(bounds), each);
}
std::unique_ptr<ExploreReporter> make_explore_json_reporter(Console& console, std::string bounds) {
  return std::make_unique<JsonReporter>(console, std::move(bounds));
}
std::unique_ptr<ExploreReporter> make_explore_junit_reporter(const std::string& path) {
  return std::make_unique<JunitReporter>(path);
}

}  // namespace sim::cli
