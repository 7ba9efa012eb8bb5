// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "sim/cli/junit_file.h"
#include "sim/cli/replay/reporter.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

class JunitReporter final : public Reporter {
 public:
  explicit JunitReporter(const std::string& path) : file_(path) {}

  void report(const Case& one, const CaseResult& result) override {
    const std::string seed = one.seed ? fmt::format(" seed {}", *one.seed) : std::string();
    pugi::xml_node test =
        file_.add_case(folder_of(one.file), one.file.substr(one.file.rfind('/') + 1) + seed);
    test.append_attribute("file") = printable(one.file).c_str();
    if (result.line != 0) test.append_attribute("line") = result.line;
    test.append_attribute("time") = fmt::format("{:.3f}", result.seconds).c_str();
    seconds_ += result.seconds;
    add_verdict(test, result);
  }

  void end(const Tally& tally) override {
    file_.suite().append_attribute("time") = fmt::format("{:.3f}", seconds_).c_str();
    file_.finish("dmsim replay", {.tests = tally.total(),
                                  .failures = tally.count(Verdict::failed),
                                  .errors = tally.count(Verdict::mistake) + tally.count(Verdict::stopped),
                                  .skipped = tally.count(Verdict::not_run)});
  }

 private:
  static void add_verdict(pugi::xml_node test, const CaseResult& result) {
    if (result.verdict == Verdict::passed) return;
    if (result.verdict == Verdict::not_run) {
      test.append_child("skipped");
      return;
    }
    JunitFile::add_problem(test, result.verdict == Verdict::failed, name_of(result.verdict), result.reason,
                           result.report);
    test.append_child("system-out").text() = xml_text(result.transcript).c_str();
  }

  JunitFile file_;
  double seconds_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_junit_reporter(const std::string& path) {
  return std::make_unique<JunitReporter>(path);
}

}  // namespace sim::cli
