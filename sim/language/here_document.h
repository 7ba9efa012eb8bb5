// SPDX-License-Identifier: GPL-2.0-or-later
// Here-documents: what a command reads from its standard input, written below it.
//
//   dmsetup create two <<END
//   0 8 zero
//   8 8 error
//   END
//
// The lines are taken as they are: nothing in them is a quote or a comment, whether TAG is quoted or not. As
// in a shell, <<-TAG removes tabs from their beginnings.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sim::language {

struct HereDocument {
  std::string tag;
  bool without_tabs = false;
  std::string text = {};  // the lines, each with its newline

  struct Begin;
  // What `text` begins with, if it is <<TAG followed by white space or the end. A tag is a name of letters,
  // digits and underscores, quoted or not.
  static std::optional<Begin> begin_at(std::string_view text);

  // Adds a line of the document; false if it is the tag, which ends it.
  bool add_line(std::string_view line);

  // The word that begins it: <<TAG or <<-TAG.
  [[nodiscard]] std::string word() const;
};

struct HereDocument::Begin {
  HereDocument document;
  std::size_t length;  // of the word, as it was written
};

}  // namespace sim::language
