// SPDX-License-Identifier: GPL-2.0-or-later
// A case: one run of a scenario, and what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/exit_status.h"

namespace sim::cli {

struct Case {
  std::string file;                              // "-" is standard input
  std::string recording = {};                    // a file that its transcript must be equal to; empty: none
  std::optional<std::uint64_t> seed = {};        // of a random schedule, with --seeds
  std::shared_ptr<const std::string> text = {};  // if it was read already
};

enum class Verdict {
  passed,
  failed,   // it ran to its end, and not as it should
  mistake,  // the text is wrong, or cannot be read
  stopped,  // the machine stopped, or was stopped because its time was over
  not_run,  // interrupted before it ended
};

struct CaseResult {
  Verdict verdict = Verdict::not_run;
  int line = 0;        // of the scenario, where it is known
  std::string reason;  // a line of text; empty if it passed
  std::string report;  // for people: that and more, with places, and warnings; lines that end with a newline
  std::string transcript;  // unless it was printed as it came
  std::string errors;      // what dmsetup wrote to its standard error, likewise
  double seconds = 0;      // of the host's time
};

[[nodiscard]] ExitStatus exit_status(Verdict verdict);
// "FILE:LINE", or "FILE" if the line is not known.
[[nodiscard]] std::string place(const Case& one, const CaseResult& result);

// Cases in a fixed order.
class CaseList {
 public:
  // What the user named, in that order: files, and in the place of a folder all *.dms files below it, sorted
  // by their paths. Throws Mistake if a folder has none, or if something that was named cannot be read.
  explicit CaseList(const std::vector<std::string>& paths);

  // Each scenario that has a recording is compared with it: NAME.expected beside NAME.dms.
  void compare();
  // Each scenario runs with each of these seeds: all with the first one, then all with the second one...
  void set_seeds(std::vector<std::uint64_t> seeds);
  // Reads the scenarios now, instead of each when it runs.
  void load();

  [[nodiscard]] std::size_t size() const { return cases_.size() * (seeds_.empty() ? 1 : seeds_.size()); }
  [[nodiscard]] Case at(std::size_t index) const;

 private:
  std::vector<Case> cases_;  // one for each scenario
  std::vector<std::uint64_t> seeds_;
};

}  // namespace sim::cli
