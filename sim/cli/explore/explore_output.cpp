// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/explore_output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "sim/cli/failure.h"
#include "sim/cli/version.h"
#include "sim/defects/catalogue.h"
#include "sim/explore/describe.h"
#include "sim/language/source.h"
#include "sim/store/complete_file.h"
#include "sim/store/host_error.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using Json = nlohmann::ordered_json;
using Verdict = explore::PowerCutResult::Verdict;

// What a certificate is about besides the scenarios.
std::string bounds(const ExploreDisplay& display) {
  const explore::CrashSettings& settings = display.settings;
  std::string oracles;
  for (std::size_t i = 0; i < explore::oracle_count; ++i) {
    if (settings.oracles[i])
      oracles += fmt::format("{}{}", oracles.empty() ? "" : ",", name_of(static_cast<explore::Oracle>(i)));
  }
  std::string defects = defect_names(display.defects, ",");
  if (!defects.empty()) defects.insert(0, "; defects ");
  return fmt::format("dmsim {}; power cuts of one run each, depth {}, blocks torn by {}; oracles {}{}",
                     version(), settings.depth, settings.tear == explore::Tear::halves ? "halves" : "sectors",
                     oracles, defects);
}

class TextReporter final : public ExploreReporter {
 public:
  TextReporter(Console& console, ExploreDisplay display) : console_(console), display_(std::move(display)) {}

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    console_.err.write(result.complaint);
    const bool wrong = result.verdict == Verdict::found;
    if (result.verdict == Verdict::mistake || result.verdict == Verdict::not_run) return;
    if (!wrong && !display_.each) return;
    console_.out.print("{}: {}\n", printable(name), explore::summary_of(result.report, display_.settings));
    for (const std::string& device : result.report.not_judged)
      console_.out.print("  not judged: {}\n", device);
    if (wrong) {
      console_.out.print(
          "{}the shortest scenario that was found, of which `{} FILE --token {}` repeats this:\n{}",
          result.retraced, display_.command, result.token, result.scenario);
    }
    console_.out.flush();
  }

  void end(const ExploreTally& tally, bool complete) override {
    std::uint64_t all = 0;
    for (const std::uint64_t cases : tally.cases) all += cases;
    console_.out.print("{} scenario{}: {} hold, {} found, {} ended, {} wrong, {} not run\n", all,
                       all == 1 ? "" : "s", tally.count(Verdict::holds), tally.count(Verdict::found),
                       tally.count(Verdict::ended), tally.count(Verdict::mistake),
                       tally.count(Verdict::not_run));
    console_.out.print(
        "{} cuts, {} of them different; {} later cuts; {} recoveries run, {} looked at, {} branches\n",
        tally.cuts, tally.distinct, tally.later_cuts, tally.recoveries, tally.looked_at, tally.branches);
    const bool holds = complete && tally.count(Verdict::holds) == all && all != 0;
    console_.out.print("{}: {}\n", holds ? "certificate" : "no certificate", bounds(display_));
  }

 private:
  Console& console_;
  ExploreDisplay display_;
};

class JsonReporter final : public ExploreReporter {
 public:
  JsonReporter(Console& console, const ExploreDisplay& display) : console_(console), display_(display) {}

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    const explore::CrashReport& report = result.report;
    Json line = {{"scenario", name},
                 {"result", name_of(result.verdict)},
                 {"cuts", report.cuts},
                 {"distinct", report.distinct},
                 {"later_cuts", report.later_cuts},
                 {"states_millibits", report.states_millibits},
                 {"recoveries", report.recoveries},
                 {"looked_at", report.looked_at},
                 {"branches", report.branches}};
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
           {"distinct", tally.distinct},
           {"bounds", bounds(display_)}});
  }

 private:
  void print(const Json& line) {
    console_.out.print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
    console_.out.flush();
  }

  Console& console_;
  ExploreDisplay display_;
};

// XML has no control characters. Line by line, since newlines stay.
std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) out += printable(language::take_line(text)) + '\n';
  return out;
}

class JunitReporter final : public ExploreReporter {
 public:
  JunitReporter(const std::string& path, const ExploreDisplay& display)
      : path_(path),
        display_(display),
        file_(CompleteFile::begin(path)),
        suite_(document_.append_child("testsuites").append_child("testsuite")) {
    if (!file_.ok()) fail(file_.error());
  }

  void report(const std::string& name, const explore::PowerCutResult& result) override {
    pugi::xml_node test = suite_.append_child("testcase");
    test.append_attribute("classname") = "explore crash";
    test.append_attribute("name") = printable(name).c_str();
    if (result.verdict == Verdict::holds) return;
    if (result.verdict == Verdict::not_run || result.verdict == Verdict::ended) {
      test.append_child("skipped").append_attribute("message") = std::string(name_of(result.verdict)).c_str();
      return;
    }
    pugi::xml_node problem = test.append_child(result.verdict == Verdict::found ? "failure" : "error");
    problem.append_attribute("type") = std::string(name_of(result.verdict)).c_str();
    problem.append_attribute("message") = printable(result.token).c_str();
    problem.text() = xml_text(result.complaint + result.retraced + result.scenario).c_str();
  }

  void end(const ExploreTally& tally, bool) override {
    std::uint64_t all = 0;
    for (const std::uint64_t cases : tally.cases) all += cases;
    suite_.append_attribute("name") = "dmsim explore crash";
    suite_.append_attribute("tests") = all;
    suite_.append_attribute("failures") = tally.count(Verdict::found);
    suite_.append_attribute("errors") = tally.count(Verdict::mistake);
    suite_.append_attribute("skipped") = tally.count(Verdict::not_run) + tally.count(Verdict::ended);
    pugi::xml_writer_file writer(file_->stream());
    document_.save(writer, "  ");
    if (const dmcore::Status finished = file_->finish(); !finished.ok()) fail(finished.error());
  }

 private:
  [[noreturn]] void fail(dmcore::Errno error) const {
    throw Failure(ExitStatus::failed, describe(HostError{path_, error}));
  }

  std::string path_;
  ExploreDisplay display_;
  dmcore::Result<CompleteFile> file_;
  pugi::xml_document document_;
  pugi::xml_node suite_;
};

}  // namespace

void ExploreTally::add(const explore::PowerCutResult& result) {
  ++cases[static_cast<std::size_t>(result.verdict)];
  cuts += result.report.cuts;
  distinct += result.report.distinct;
  later_cuts += result.report.later_cuts;
  recoveries += result.report.recoveries;
  looked_at += result.report.looked_at;
  branches += result.report.branches;
}

std::unique_ptr<ExploreReporter> make_explore_text_reporter(Console& console, ExploreDisplay display) {
  return std::make_unique<TextReporter>(console, std::move(display));
}
std::unique_ptr<ExploreReporter> make_explore_json_reporter(Console& console, const ExploreDisplay& display) {
  return std::make_unique<JsonReporter>(console, display);
}
std::unique_ptr<ExploreReporter> make_explore_junit_reporter(const std::string& path,
                                                             const ExploreDisplay& display) {
  return std::make_unique<JunitReporter>(path, display);
}

}  // namespace sim::cli
