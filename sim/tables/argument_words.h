// SPDX-License-Identifier: GPL-2.0-or-later
// The words of a table's line, each with what its target declares about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/dm/target_arguments.h"

namespace sim::tables {

struct ArgumentWord {
  enum class Kind : std::uint8_t {
    argument,
    count,            // of the words of a group that follow
    keyword,          // its values follow as arguments
    unknown_keyword,  // in the place of one
    left_over,        // behind everything that the target takes: refused
    ignored,          // the same, but accepted
    missing,          // an argument that should be there; the text is empty
  };
  Kind kind = Kind::argument;
  std::size_t word = 0;  // of the arguments, from 0
  std::string text;
  const dmcore::Argument* argument = nullptr;   // of `argument` and `missing`
  const dmcore::Sequence* sequence = nullptr;   // that the argument belongs to
  std::size_t turn = 0;                         // of the sequence, from 0
  std::size_t turns = 1;                        // of the sequence, all in all
  const dmcore::KeywordGroup* group = nullptr;  // of `count`, keywords, and their values
  const dmcore::Keyword* keyword = nullptr;     // of `keyword`, and their values
  std::optional<std::uint64_t> number;          // of numbers and starts that are in order
  std::string problem;                          // what is wrong with it; empty: nothing by itself
};

// Pointers are into `declared`. `length` is the target's, in sectors.
std::vector<ArgumentWord> match_arguments(const dmcore::TargetArguments& declared,
                                          const std::vector<std::string>& words, dmcore::sector_t length);

// The words that a group can have.
std::vector<std::string_view> names_of(const dmcore::KeywordGroup& group);

// The size of a region if the words say it and it is in order.
std::optional<dmcore::sector_t> region_size_in(const std::vector<ArgumentWord>& words);

}  // namespace sim::tables
