// SPDX-License-Identifier: GPL-2.0-or-later
// The regular expressions of --select: libdevmapper's own kind.
//
// They have . [] [^] () | * + ? ^ $ and \; a brace, a named class or a back reference mean nothing. ^ and $
// are letters that stand before and behind every text, so that "." and "[^x]" can match them. What comes
// after something that makes no sense is not looked at, as long as the whole ends where it should.
#pragma once

#include <boost/regex.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sim::libdm {

class ReportPattern {
 public:
  ReportPattern() = default;

  // Nothing if the text is no expression.
  static std::optional<ReportPattern> parse(std::string_view text);

  // Whether a part of `text` matches.
  [[nodiscard]] bool matches(const std::string& text) const;

 private:
  boost::regex regex_;
  bool reachable_ = false;  // false: it parses, but nothing ever matches
};

}  // namespace sim::libdm
