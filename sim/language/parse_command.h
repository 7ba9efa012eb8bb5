// SPDX-License-Identifier: GPL-2.0-or-later
// The parser's inside: how the words of one command become a command.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "sim/language/ast.h"
#include "sim/language/lexer.h"

namespace sim::language {

// The disks that there are up to some command.
struct DiskNames : std::set<std::string, std::less<>> {
  bool complete = true;  // else there may be others, which only running the scenario will show
  [[nodiscard]] bool may_contain(std::string_view name) const { return !complete || contains(name); }
};

// Reads the words of one command after its name and collects what is wrong with them. Each take... moves to
// the next word.
class WordReader {
 public:
  // `line` must outlive the reader. `usage` is the command as a user is to write it.
  WordReader(const WordLine& line, std::span<const Word> words, std::string_view usage)
      : command_(line.front()), words_(words), usage_(usage) {}

  [[nodiscard]] bool at_end() const { return next_ == words_.size(); }
  [[nodiscard]] const Word& peek() const { return words_[next_]; }
  const Word& take() { return words_[next_++]; }

  // Every one of these complains if the word is not what it should be, and then returns something harmless.
  std::string text() { return take().text; }
  std::int64_t sector();
  std::int64_t count();
  dmcore::Duration seconds();
  boost::regex regex();

  // False, with a complaint, unless there are so many words.
  bool expect_words(std::size_t min, std::size_t max);
  // Complains about a word that is left.
  void expect_end();

  void error(const Word& at, std::string message);
  void warn(const Word& at, std::string message);

  [[nodiscard]] std::vector<Diagnostic>& diagnostics() { return diagnostics_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::int64_t sectors(std::string_view what);

  const Word& command_;
  std::span<const Word> words_;
  std::string_view usage_;
  std::size_t next_ = 0;
  std::vector<Diagnostic> diagnostics_;
  bool failed_ = false;
};

struct CommandParser {
  std::string_view name;
  std::string_view usage;
  CommandBody (*parse)(WordReader& reader, const DiskNames& disks);
  bool reads_input = false;  // may have a here-document
};

// Null if there is no such command.
const CommandParser* find_command_parser(std::string_view name);
// The names of all commands, for a message.
std::string command_names();

CommandBody parse_disk(WordReader& reader, const DiskNames& disks);
// Reads a word that is an option of a disk.
void take_disk_option(WordReader& reader, DiskCommand& disk);
CommandBody parse_tables(WordReader& reader, const DiskNames& disks);

}  // namespace sim::language
