// SPDX-License-Identifier: GPL-2.0-or-later
// Markdown's inline notation, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::cli::manual {

struct Span {
  enum class Kind { plain, code, strong, emphasis };
  Kind kind = Kind::plain;
  std::string text;
};

// Of a link only the text is left. What is no notation, such as a single '*', is plain text.
std::vector<Span> spans_of(std::string_view text);

}  // namespace sim::cli::manual
