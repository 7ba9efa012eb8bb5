// SPDX-License-Identifier: GPL-2.0-or-later
// The words of one command, read one after the other.
#pragma once

#include <boost/regex.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "dmcore/kernel/types.h"

#include "sim/language/lexer.h"
#include "sim/language/names.h"
#include "sim/language/source.h"

namespace sim::language {

// Reads the words of a command after its name, and reports what is wrong with them. Each take... moves to the
// next word.
class WordReader {
 public:
  // `line` and `diagnostics` must outlive the reader. `usage` is the syntax of the command, for messages.
  WordReader(const WordLine& line, std::span<const Word> words, std::string_view usage,
             Diagnostics& diagnostics)
      : command_(line.front()), words_(words), usage_(usage), diagnostics_(diagnostics) {}

  [[nodiscard]] bool at_end() const { return next_ == words_.size(); }
  [[nodiscard]] const Word& peek() const { return words_[next_]; }
  const Word& take() { return words_[next_++]; }

  // Each of these reports an error if the word is wrong, and then returns a harmless value.
  std::string text() { return take().text; }
  // A negative number gets a warning only: it is passed to the device, which refuses it.
  std::int64_t sector();
  std::int64_t count();
  // For numbers that the kernel takes as unsigned ones.
  std::int64_t unsigned_sector();
  std::int64_t unsigned_count();
  dmcore::Duration seconds();
  boost::regex regex();
  std::string disk(const Names& names);
  // An unknown device gets a warning only: the command may be meant to fail.
  std::string device(const Names& names);

  // False, with an error, unless the number of words is in the range.
  bool expect_words(std::size_t min, std::size_t max);
  // Reports a word that is left.
  void expect_end();

  void error(const Word& at, const std::function<std::string()>& message);
  void error(const Word& at, std::string message);
  void warn(const Word& at, const std::function<std::string()>& message);
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  // `if_negative` is what then happens; empty if a negative number is an error.
  std::int64_t sectors(std::string_view what, std::string_view if_negative);

  const Word& command_;
  std::span<const Word> words_;
  std::string_view usage_;
  std::size_t next_ = 0;
  Diagnostics& diagnostics_;
  bool failed_ = false;
};

}  // namespace sim::language
