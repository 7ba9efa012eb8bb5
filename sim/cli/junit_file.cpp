// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/junit_file.h"

#include "sim/cli/failure.h"
#include "sim/language/source.h"
#include "sim/store/host_error.h"
#include "sim/text/printable.h"

namespace sim::cli {

std::string xml_text(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    out += printable(language::take_line(lines));
    out += '\n';
  }
  return out;
}

JunitFile::JunitFile(const std::string& path)
    : path_(path),
      file_(CompleteFile::begin(path)),
      suite_(document_.append_child("testsuites").append_child("testsuite")) {
  if (!file_.ok()) fail(file_.error());
}

void JunitFile::fail(dmcore::Errno error) const {
  throw Failure(ExitStatus::failed, describe(HostError{path_, error}));
}

pugi::xml_node JunitFile::add_case(std::string_view classname, std::string_view name) {
  pugi::xml_node test = suite_.append_child("testcase");
  test.append_attribute("classname") = printable(classname).c_str();
  test.append_attribute("name") = printable(name).c_str();
  return test;
}

pugi::xml_node JunitFile::add_problem(pugi::xml_node test, bool failure, std::string_view type,
                                      std::string_view message, std::string_view lines) {
  pugi::xml_node problem = test.append_child(failure ? "failure" : "error");
  problem.append_attribute("type") = std::string(type).c_str();
  problem.append_attribute("message") = printable(message).c_str();
  problem.text() = xml_text(lines).c_str();
  return problem;
}

void JunitFile::finish(const std::string& suite_name, const Counts& counts) {
  suite_.append_attribute("name") = suite_name.c_str();
  suite_.append_attribute("tests") = counts.tests;
  suite_.append_attribute("failures") = counts.failures;
  suite_.append_attribute("errors") = counts.errors;
  suite_.append_attribute("skipped") = counts.skipped;
  pugi::xml_writer_file writer(file_->stream());
  document_.save(writer, "  ");
  if (const dmcore::Status finished = file_->finish(); !finished.ok()) fail(finished.error());
}

}  // namespace sim::cli
