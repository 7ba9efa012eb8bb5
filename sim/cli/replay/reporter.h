// SPDX-License-Identifier: GPL-2.0-or-later
// How the results of cases are reported.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/output.h"
#include "sim/cli/replay/case.h"

namespace sim::cli {

// How many cases came to what.
class Tally {
 public:
  void add(const Case& one, const CaseResult& result);
  // Cases that did not even begin.
  void add_not_run(std::size_t cases) { kinds_[Verdict::not_run].count += cases; }

  [[nodiscard]] std::size_t count(Verdict verdict) const;
  [[nodiscard]] std::size_t total() const;
  // "178 passed, 1 failed (FILE:LINE)".
  [[nodiscard]] std::string text() const;
  // The highest one of all cases.
  [[nodiscard]] ExitStatus exit_status() const { return exit_status_; }

 private:
  struct Kind {
    std::size_t count = 0;
    std::vector<std::string> places;  // of the first ones
  };
  std::map<Verdict, Kind> kinds_;
  ExitStatus exit_status_ = ExitStatus::ok;
};

// The name of a verdict in JSON and XML.
[[nodiscard]] std::string_view name_of(Verdict verdict);

// Gets results in the order of the cases, then the end.
class Reporter {
 public:
  Reporter() = default;
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  virtual ~Reporter() = default;

  virtual void report(const Case& one, const CaseResult& result) = 0;
  // May throw Failure.
  virtual void end(const Tally& tally) = 0;
};

// How much people see.
struct TextStyle {
  bool transcripts = false;  // of all cases, each after "== FILE"; all else is on standard error then
  std::string
      replay_command;  // with --seeds: what repeats a case that did not pass, without its seed and file
};
std::unique_ptr<Reporter> make_text_reporter(Console& console, TextStyle style);
// A JSON object on a line of standard output for each case, and one for all.
std::unique_ptr<Reporter> make_json_reporter(Console& console, bool transcripts);
// A file in JUnit's XML, written at the end. Throws Failure if it cannot be created.
std::unique_ptr<Reporter> make_junit_reporter(const std::string& path);

}  // namespace sim::cli
