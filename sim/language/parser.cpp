// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/parser.h"

#include <algorithm>
#include <fmt/core.h>
#include <span>
#include <utility>

#include "sim/language/parse_command.h"

namespace sim::language {
namespace {

Diagnostic error_at(const Word& word, std::string message) {
  return {Diagnostic::Severity::error, word.where, std::move(message)};
}

std::vector<std::string> texts(const WordLine& line) {
  std::vector<std::string> out;
  for (const Word& word : line) out.push_back(word.text);
  return out;
}

// The words, quoted where they must be, and the lines of a here-document with its end.
std::vector<std::string> echo_of(const WordLine& line) {
  std::vector<std::string> out = {""};
  for (const Word& word : line) {
    if (!out[0].empty()) out[0] += ' ';
    out[0] += word.document ? word.text : shlex_quote(word.text);
    if (!word.document) continue;
    out.insert(out.end(), word.document->lines.begin(), word.document->lines.end());
    out.push_back(word.document->tag);
  }
  return out;
}

// What cannot be done while something else goes on.
bool must_be_in_front(const CommandBody& body) {
  return std::holds_alternative<WaitCommand>(body) || std::holds_alternative<ExpectCommand>(body);
}

}  // namespace

bool ParseResult::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::error; });
}

void Parser::parse_line(const WordLine& line, ParseResult& result) {
  std::span<const Word> words(line);
  const Word& name = words.front();
  const bool background = words.back().text == "&";
  if (background) words = words.first(words.size() - 1);
  if (words.empty()) {
    result.diagnostics.push_back(error_at(name, "there is no command to run in the background"));
    return;
  }
  const CommandParser* parser = find_command_parser(name.text);
  if (parser == nullptr) {
    result.diagnostics.push_back(
        error_at(name, fmt::format("unknown command '{}'; there are {}", name.text, command_names())));
    return;
  }
  const auto document = std::find_if(line.begin(), line.end(), [](const Word& w) { return w.document; });
  if (document != line.end() && !parser->reads_input) {
    result.diagnostics.push_back(error_at(*document, fmt::format("'{}' reads no here-document", name.text)));
    return;
  }
  WordReader reader(line, words.subspan(1), parser->usage);
  Command command{
      .words = texts(line), .echo = echo_of(line), .where = name.where, .background = background, .body = {}};
  command.body = parser->parse(reader, disks_);
  auto& diagnostics = reader.diagnostics();
  result.diagnostics.insert(result.diagnostics.end(), diagnostics.begin(), diagnostics.end());
  // A disk that was defined badly is no reason to complain wherever it is used.
  if (const auto* disk = std::get_if<DiskCommand>(&command.body)) disks_.insert(disk->name);
  if (std::holds_alternative<TablesCommand>(command.body)) disks_.complete = false;
  if (reader.failed()) return;
  if (background && must_be_in_front(command.body)) {
    result.diagnostics.push_back(error_at(name, fmt::format("'{}' cannot run in the background", name.text)));
    return;
  }
  result.scenario.commands.push_back(std::move(command));
}

void Parser::parse(std::string_view text, ParseResult& result) {
  LexResult lexed = lex(text);
  for (const WordLine& line : lexed.lines) parse_line(line, result);
  result.diagnostics.insert(result.diagnostics.end(), lexed.errors.begin(), lexed.errors.end());
}

ParseResult parse_scenario(std::string_view text) {
  ParseResult result;
  Parser().parse(text, result);
  return result;
}

}  // namespace sim::language
