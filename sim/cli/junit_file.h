// SPDX-License-Identifier: GPL-2.0-or-later
// A file of test results in the XML of JUnit: one suite, of which the reporters add the cases.
#pragma once

#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "sim/store/complete_file.h"

namespace sim::cli {

class JunitFile {
 public:
  struct Counts {
    std::uint64_t tests = 0;
    std::uint64_t failures = 0;
    std::uint64_t errors = 0;
    std::uint64_t skipped = 0;
  };

  // Both throw Failure if the file cannot be written; the old one is still there then.
  explicit JunitFile(const std::string& path);
  void finish(const std::string& suite_name, const Counts& counts);

  pugi::xml_node suite() { return suite_; }
  pugi::xml_node add_case(std::string_view classname, std::string_view name);
  // Below a case: "failure" or "error", with lines of text.
  static pugi::xml_node add_problem(pugi::xml_node test, bool failure, std::string_view type,
                                    std::string_view message, std::string_view lines);

 private:
  [[noreturn]] void fail(dmcore::Errno error) const;

  std::string path_;
  dmcore::Result<CompleteFile> file_;
  pugi::xml_document document_;
  pugi::xml_node suite_;
};

// XML has no control characters. Line by line, since newlines stay.
std::string xml_text(std::string_view lines);

}  // namespace sim::cli
