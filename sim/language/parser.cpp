// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/parser.h"

#include <algorithm>
#include <fmt/core.h>
#include <span>
#include <string_view>
#include <utility>

#include "sim/language/parse_command.h"
#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::language {
namespace {

// Lines of the transcript: the words, quoted where they must be, and the lines of here-documents, each with
// its end.
std::string echo_of(const WordLine& line) {
  constexpr std::string_view prompt = "> ";
  std::string command(prompt);
  std::string documents;
  for (const Word& word : line) {
    if (command.size() != prompt.size()) command += ' ';
    command += word.document ? word.text : shlex_quote(word.text);
    if (!word.document) continue;
    for (std::string_view rest = word.document->text; !rest.empty();)
      documents.append("\n").append(prompt).append(take_line(rest));
    documents.append("\n").append(prompt).append(word.document->tag);
  }
  return command + documents;
}

constexpr std::string_view then_word = "then";

std::string unknown_command(std::string_view name) {
  return fmt::format("there is no command {}{}", in_quotes(name),
                     did_you_mean(name, command_names(), "the commands are"));
}

}  // namespace

std::optional<Command> Parser::parse_line(const WordLine& line, Diagnostics& diagnostics) {
  const bool background = line.back().text == "&";
  const bool after_background = std::exchange(after_background_, background);
  if (line.front().text != then_word) return parse_command(line, background, diagnostics);
  const auto refuse = [&](std::string_view message) {
    diagnostics.add(Diagnostic::Severity::error, line.front().where,
                    [message] { return std::string(message); });
    return std::nullopt;
  };
  if (!background)
    return refuse("'then' begins a command that runs in the background: it needs '&' at its end");
  if (!after_background) return refuse("'then' follows a command that runs in the background");
  auto command = parse_command({line.begin() + 1, line.end()}, background, diagnostics);
  if (!command) return std::nullopt;
  command->echo = echo_of(line);
  command->where = line.front().where;
  command->then = true;
  return command;
}

std::optional<Command> Parser::parse_command(const WordLine& line, bool background,
                                             Diagnostics& diagnostics) {
  std::span<const Word> words(line);
  const Word& name = words.front();
  const auto refuse = [&diagnostics](const Word& at, const std::function<std::string()>& message) {
    diagnostics.add(Diagnostic::Severity::error, at.where, message);
    return std::nullopt;
  };
  if (background) words = words.first(words.size() - 1);
  if (words.empty())
    return refuse(name, [] { return std::string("there is no command to run in the background"); });
  const CommandParser* parser = find_command_parser(name.text);
  if (parser == nullptr) return refuse(name, [&name] { return unknown_command(name.text); });
  const auto document = std::find_if(line.begin(), line.end(), [](const Word& w) { return w.document; });
  if (document != line.end() && !parser->reads_input)
    return refuse(*document, [parser] { return fmt::format("'{}' reads no here-document", parser->name); });
  if (background && parser->in_front)
    return refuse(name, [parser] { return fmt::format("'{}' cannot run in the background", parser->name); });
  WordReader reader(line, words.subspan(1), parser->usage, diagnostics);
  std::optional<CommandBody> body = parser->parse(reader, names_);
  if (!body || reader.failed()) return std::nullopt;
  return Command{.name = parser->name,
                 .echo = echo_of(line),
                 .where = name.where,
                 .background = background,
                 .body = *std::move(body)};
}

std::optional<Command> Parser::next(Lexer& text, Diagnostics& diagnostics) {
  while (const auto line = text.next(diagnostics)) {
    if (auto command = parse_line(*line, diagnostics)) return command;
  }
  return std::nullopt;
}

void Parser::parse(std::string_view text, ParseResult& result) {
  Lexer lexer(text);
  while (auto command = next(lexer, result.diagnostics))
    result.scenario.commands.push_back(*std::move(command));
}

ParseResult parse_scenario(std::string_view text, Names names) {
  ParseResult result;
  Parser(std::move(names)).parse(text, result);
  return result;
}

ParseResult parse_words(const std::vector<std::string>& words) {
  WordLine line;
  for (const std::string& word : words) line.push_back({.text = word, .where = {}});
  ParseResult result;
  if (auto command = Parser().parse_command(line, false, result.diagnostics))
    result.scenario.commands.push_back(*std::move(command));
  return result;
}

std::vector<Command> CommandStream::next(std::size_t max) {
  Diagnostics ignored;
  std::vector<Command> commands;
  while (commands.size() < max) {
    auto command = parser_.next(lexer_, ignored);
    if (!command) break;
    commands.push_back(*std::move(command));
  }
  return commands;
}

Diagnostics check_scenario(std::string_view text) {
  Diagnostics diagnostics;
  Lexer lexer(text);
  Parser parser;
  while (parser.next(lexer, diagnostics)) {
  }
  return diagnostics;
}

}  // namespace sim::language
