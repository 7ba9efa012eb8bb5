// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/case.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "sim/cli/failure.h"
#include "sim/cli/text_file.h"

namespace sim::cli {

namespace {

namespace fs = std::filesystem;

// The recording beside a scenario; empty if there is none.
std::string recording_of(const fs::path& scenario) {
  fs::path recording = scenario;
  recording.replace_extension(".expected");
  std::error_code ignored;
  return fs::is_regular_file(recording, ignored) ? recording.string() : std::string();
}

std::vector<std::string> scenarios_below(const std::string& folder) {
  std::vector<std::string> found;
  try {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".dms" && !entry.is_directory()) found.push_back(entry.path().string());
    }
  } catch (const fs::filesystem_error& error) {
    throw Mistake(fmt::format("{}: {}", error.path1().string(), error.code().message()));
  }
  if (found.empty()) throw Mistake(fmt::format("{}: there are no *.dms files below this folder", folder));
  std::sort(found.begin(), found.end());
  return found;
}

// So that nothing runs if what the user named is not there.
void check_readable(const std::string& path) {
  if (path != "-" && ::access(path.c_str(), R_OK) != 0)
    throw Mistake(fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

void load_text(Case& one) {
  if (!one.text) one.text = std::make_shared<const std::string>(read_text_file(one.file));
}

}  // namespace

ExitStatus exit_status(Verdict verdict) {
  switch (verdict) {
    case Verdict::failed:
      return ExitStatus::failed;
    case Verdict::mistake:
      return ExitStatus::mistake;
    case Verdict::stopped:
      return ExitStatus::stopped;
    case Verdict::passed:
    case Verdict::not_run:
      break;
  }
  return ExitStatus::ok;
}

std::string place(const Case& one, const CaseResult& result) {
  return result.line == 0 ? one.file : fmt::format("{}:{}", one.file, result.line);
}

CaseList::CaseList(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      for (std::string& file : scenarios_below(path)) cases_.push_back({.file = std::move(file)});
      continue;
    }
    check_readable(path);
    cases_.push_back({.file = path});
    // Standard input and pipes can be read only once.
    if (!fs::is_regular_file(path, ignored)) load_text(cases_.back());
  }
}

void CaseList::compare() {
  for (Case& one : cases_) one.recording = recording_of(one.file);
}

void CaseList::load() {
  for (Case& one : cases_) load_text(one);
}

void CaseList::set_seeds(std::vector<std::uint64_t> seeds) {
  seeds_ = std::move(seeds);
  load();
}

Case CaseList::at(std::size_t index) const {
  Case one = cases_[index % cases_.size()];
  if (!seeds_.empty()) one.seed = seeds_[index / cases_.size()];
  return one;
}

}  // namespace sim::cli
