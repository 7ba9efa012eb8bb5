// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/explore_output.h"

#include <fmt/format.h>

#include "sim/cli/junit_file.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using explore::Verdict;

class TextReporter final : public ExploreReporter {
 public:
  TextReporter(Console& console, const ExploreKind& kind, bool each)
      : console_(console), kind_(kind), each_(each) {}

  void report(const std::string& name, const ExploredCase& explored) override {
    console_.err.write(explored.complaint);
    if (explored.verdict == Verdict::mistake || explored.verdict == Verdict::not_run) return;
    const bool wrong = explored.verdict == Verdict::found;
    if (!wrong && !each_) return;
    console_.out.print("{}: {}\n", printable(name), explored.summary);
    for (const std::string& note : explored.notes) console_.out.print("  {}\n", note);
    if (wrong) {
      console_.out.print(
          "{}the shortest scenario that was found, of which `dmsim replay FILE --token {}` repeats "
          "this:\n{}{}",
          explored.story, explored.token, explored.scenario, explored.interleaving);
    }
    console_.out.flush();
  }

  void end(const ExploreTally& tally, bool complete) override {
    const std::uint64_t all = tally.total();
    console_.out.print("{} scenario{}: {} hold, {} found, {} ended, {} wrong, {} not run\n{}", all,
                       all == 1 ? "" : "s", tally.count(Verdict::holds), tally.count(Verdict::found),
                       tally.count(Verdict::ended), tally.count(Verdict::mistake),
                       tally.count(Verdict::not_run), kind_.totals(tally));
    const bool holds = complete && tally.count(Verdict::holds) == all && all != 0;
    console_.out.print("{}: {}\n", holds ? "certificate" : "no certificate", kind_.bounds_of_part());
  }

 private:
  Console& console_;
  const ExploreKind& kind_;
  bool each_;
};

class JsonReporter final : public ExploreReporter {
 public:
  JsonReporter(Console& console, const ExploreKind& kind) : console_(console), kind_(kind) {}

  void report(const std::string& name, const ExploredCase& explored) override {
    Json line = {{"scenario", name}, {"result", name_of(explored.verdict)}};
    line.update(explored.details);
    if (!explored.complaint.empty()) line["complaint"] = explored.complaint;
    if (explored.verdict == Verdict::found) {
      line["shortest"] = explored.scenario;
      line["token"] = explored.token;
      line["report"] = explored.story;
    }
    print(line);
  }
  void end(const ExploreTally& tally, bool complete) override {
    Json by_verdict;
    for (std::size_t i = 0; i < explore::verdict_count; ++i)
      by_verdict[std::string(name_of(static_cast<Verdict>(i)))] = tally.cases[i];
    Json line = {{"summary", by_verdict}, {"complete", complete}};
    const std::vector<std::string> names = kind_.counts();
    for (std::size_t i = 0; i < names.size(); ++i) line[names[i]] = tally.counts[i];
    line["bounds"] = kind_.bounds_of_part();
    print(line);
  }

 private:
  void print(const Json& line) {
    console_.out.write(json_line(line));
    console_.out.flush();
  }

  Console& console_;
  const ExploreKind& kind_;
};

class JunitReporter final : public ExploreReporter {
 public:
  JunitReporter(const std::string& path, const ExploreKind& kind)
      : file_(path), name_(fmt::format("explore {}", kind.name())) {}

  void report(const std::string& name, const ExploredCase& explored) override {
    pugi::xml_node test = file_.add_case(name_, name);
    if (explored.verdict == Verdict::holds) return;
    const std::string verdict(name_of(explored.verdict));
    if (explored.verdict == Verdict::not_run || explored.verdict == Verdict::ended) {
      test.append_child("skipped").append_attribute("message") = verdict.c_str();
      return;
    }
    JunitFile::add_problem(test, explored.verdict == Verdict::found, verdict, explored.token,
                           explored.complaint + explored.story + explored.scenario + explored.interleaving);
  }

  void end(const ExploreTally& tally, bool) override {
    file_.finish(fmt::format("dmsim {}", name_),
                 {.tests = tally.total(),
                  .failures = tally.count(Verdict::found),
                  .errors = tally.count(Verdict::mistake),
                  .skipped = tally.count(Verdict::not_run) + tally.count(Verdict::ended)});
  }

 private:
  JunitFile file_;
  std::string name_;
};

}  // namespace

std::unique_ptr<ExploreReporter> make_explore_text_reporter(Console& console, const ExploreKind& kind,
                                                            bool each) {
  return std::make_unique<TextReporter>(console, kind, each);
}
std::unique_ptr<ExploreReporter> make_explore_json_reporter(Console& console, const ExploreKind& kind) {
  return std::make_unique<JsonReporter>(console, kind);
}
std::unique_ptr<ExploreReporter> make_explore_junit_reporter(const std::string& path,
                                                             const ExploreKind& kind) {
  return std::make_unique<JunitReporter>(path, kind);
}

}  // namespace sim::cli
