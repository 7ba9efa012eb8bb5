// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/json_line.h"
#include "sim/cli/replay/reporter.h"

namespace sim::cli {

namespace {

class JsonReporter final : public Reporter {
 public:
  JsonReporter(Console& console, bool transcripts) : console_(console), transcripts_(transcripts) {}

  void report(const Case& one, const CaseResult& result) override {
    Json line = {{"file", one.file}};
    if (one.seed) line["seed"] = *one.seed;
    line["result"] = name_of(result.verdict);
    if (result.line != 0) line["line"] = result.line;
    if (!result.reason.empty()) line["reason"] = result.reason;
    if (!result.report.empty()) line["report"] = result.report;
    if (transcripts_) line["transcript"] = result.transcript;
    print(line);
  }

  void end(const Tally& tally) override {
    Json counts;
    for (const Verdict verdict :
         {Verdict::passed, Verdict::failed, Verdict::mistake, Verdict::stopped, Verdict::not_run}) {
      counts[std::string(name_of(verdict))] = tally.count(verdict);
    }
    print({{"summary", counts}});
  }

 private:
  void print(const Json& line) {
    console_.out.write(json_line(line));
    console_.out.flush();
  }

  Console& console_;
  bool transcripts_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Console& console, bool transcripts) {
  return std::make_unique<JsonReporter>(console, transcripts);
}

}  // namespace sim::cli
