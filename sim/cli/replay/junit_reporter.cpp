// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <pugixml.hpp>

#include "sim/cli/failure.h"
#include "sim/cli/replay/reporter.h"
#include "sim/language/source.h"
#include "sim/store/complete_file.h"
#include "sim/store/host_error.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

// XML has no control characters. Line by line, since newlines stay.
std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    out += printable(language::take_line(text));
    out += '\n';
  }
  return out;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

class JunitReporter final : public Reporter {
 public:
  explicit JunitReporter(const std::string& path)
      : path_(path),
        file_(CompleteFile::begin(path)),
        suite_(document_.append_child("testsuites").append_child("testsuite")) {
    if (!file_.ok()) fail(file_.error());
  }

  void report(const Case& one, const CaseResult& result) override {
    pugi::xml_node test = suite_.append_child("testcase");
    const std::string seed = one.seed ? fmt::format(" seed {}", *one.seed) : std::string();
    test.append_attribute("classname") = printable(folder_of(one.file)).c_str();
    test.append_attribute("name") = printable(one.file.substr(one.file.rfind('/') + 1) + seed).c_str();
    test.append_attribute("file") = printable(one.file).c_str();
    if (result.line != 0) test.append_attribute("line") = result.line;
    test.append_attribute("time") = fmt::format("{:.3f}", result.seconds).c_str();
    seconds_ += result.seconds;
    add_verdict(test, result);
  }

  void end(const Tally& tally) override {
    suite_.append_attribute("name") = "dmsim replay";
    suite_.append_attribute("tests") = tally.total();
    suite_.append_attribute("failures") = tally.count(Verdict::failed);
    suite_.append_attribute("errors") = tally.count(Verdict::mistake) + tally.count(Verdict::stopped);
    suite_.append_attribute("skipped") = tally.count(Verdict::not_run);
    suite_.append_attribute("time") = fmt::format("{:.3f}", seconds_).c_str();
    pugi::xml_writer_file writer(file_->stream());
    document_.save(writer, "  ");
    if (const dmcore::Status finished = file_->finish(); !finished.ok()) fail(finished.error());
  }

 private:
  [[noreturn]] void fail(dmcore::Errno error) const {
    throw Failure(ExitStatus::failed, describe(HostError{path_, error}));
  }

  static void add_verdict(pugi::xml_node test, const CaseResult& result) {
    if (result.verdict == Verdict::passed) return;
    if (result.verdict == Verdict::not_run) {
      test.append_child("skipped");
      return;
    }
    pugi::xml_node problem = test.append_child(result.verdict == Verdict::failed ? "failure" : "error");
    problem.append_attribute("type") = std::string(name_of(result.verdict)).c_str();
    problem.append_attribute("message") = printable(result.reason).c_str();
    problem.text() = xml_text(result.report).c_str();
    test.append_child("system-out").text() = xml_text(result.transcript).c_str();
  }

  std::string path_;
  dmcore::Result<CompleteFile> file_;
  pugi::xml_document document_;
  pugi::xml_node suite_;
  double seconds_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_junit_reporter(const std::string& path) {
  return std::make_unique<JunitReporter>(path);
}

}  // namespace sim::cli
