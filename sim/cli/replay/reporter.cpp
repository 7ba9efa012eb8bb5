// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/reporter.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/text/words.h"

namespace sim::cli {

namespace {

// How many places of each kind are named.
constexpr std::size_t places_max = 5;

std::string_view words_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::mistake:
      return "with mistakes";
    case Verdict::stopped:
      return "stopped";
    case Verdict::not_run:
      return "not run";
  }
  return {};
}

class TextReporter final : public Reporter {
 public:
  TextReporter(Console& console, TextStyle style) : console_(console), style_(std::move(style)) {}

  void report(const Case& one, const CaseResult& result) override {
    if (style_.transcripts) {
      console_.out.print("== {}\n", one.file);
      console_.out.write_transcript(result.transcript);
      console_.out.flush();
      console_.err.write(result.errors);
    }
    messages().write(result.report);
    if (one.seed && result.verdict != Verdict::passed && result.verdict != Verdict::not_run) {
      messages().print("replay it with: {} --seed {} {}\n", style_.replay_command, *one.seed,
                       shlex_quote(one.file));
    }
    messages().flush();
  }

  void end(const Tally& tally) override {
    messages().print("{}\n", tally.text());
    messages().flush();
  }

 private:
  Output& messages() { return style_.transcripts ? console_.err : console_.out; }

  Console& console_;
  TextStyle style_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::mistake:
      return "mistake";
    case Verdict::not_run:
      return "not_run";
    default:
      return words_of(verdict);
  }
}

void Tally::add(const Case& one, const CaseResult& result) {
  Kind& kind = kinds_[result.verdict];
  if (++kind.count <= places_max) {
    const std::string seed = one.seed ? fmt::format(" with seed {}", *one.seed) : std::string();
    kind.places.push_back(place(one, result) + seed);
  }
  exit_status_ = std::max(exit_status_, cli::exit_status(result.verdict));
}

std::size_t Tally::count(Verdict verdict) const {
  const auto kind = kinds_.find(verdict);
  return kind == kinds_.end() ? 0 : kind->second.count;
}

std::size_t Tally::total() const {
  std::size_t sum = 0;
  for (const auto& [verdict, kind] : kinds_) sum += kind.count;
  return sum;
}

std::string Tally::text() const {
  std::string text = fmt::format("{} passed", count(Verdict::passed));
  for (const auto& [verdict, kind] : kinds_) {
    if (verdict == Verdict::passed || verdict == Verdict::not_run) continue;
    const std::string more =
        kind.count > places_max ? fmt::format(" and {} more", kind.count - places_max) : "";
    text += fmt::format(", {} {} ({}{})", kind.count, words_of(verdict), fmt::join(kind.places, ", "), more);
  }
  if (const std::size_t not_run = count(Verdict::not_run); not_run != 0)
    text += fmt::format(", {} {}", not_run, words_of(Verdict::not_run));
  return text;
}

std::unique_ptr<Reporter> make_text_reporter(Console& console, TextStyle style) {
  return std::make_unique<TextReporter>(console, std::move(style));
}

}  // namespace sim::cli
