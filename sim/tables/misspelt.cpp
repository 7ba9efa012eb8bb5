// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/misspelt.h"

#include <algorithm>

#include "sim/libdm/table_text.h"
#include "sim/tables/references.h"
#include "sim/text/spelling.h"
#include "sim/text/split.h"

namespace sim::tables {

namespace {

std::vector<Misspelling> misspelt_in(const libdm::Target& target, const dmclone::Dialect& dialect) {
  std::vector<Misspelling> found;
  for (const ArgumentWord& word : argument_words_of(target, dialect)) {
    if (word.kind != ArgumentWord::Kind::unknown_keyword) continue;
    if (const auto meant = nearest_word(word.text, names_of(*word.group)))
      found.push_back({word.text, std::string(*meant)});
  }
  return found;
}

}  // namespace

std::vector<Misspelling> misspelt_keywords(std::string_view table) {
  std::vector<Misspelling> found;
  for (const std::string_view line : lines_of(table)) {
    const auto target = libdm::parse_target(trimmed(line));
    if (!target) continue;
    std::vector<Misspelling> of_line = misspelt_in(*target, *dmclone::dialects().front());
    for (const dmclone::Dialect* dialect : dmclone::dialects()) {
      const std::vector<Misspelling> of_dialect = misspelt_in(*target, *dialect);
      std::erase_if(of_line, [&](const Misspelling& one) {
        return std::none_of(of_dialect.begin(), of_dialect.end(),
                            [&](const Misspelling& other) { return other.word == one.word; });
      });
    }
    std::move(of_line.begin(), of_line.end(), std::back_inserter(found));
  }
  return found;
}

}  // namespace sim::tables
