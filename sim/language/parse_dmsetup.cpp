// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup ARGUMENT... [<<TAG]
#include <fmt/core.h>

#include "sim/dmsetup/commands.h"
#include "sim/dmsetup/options.h"
#include "sim/language/parse_command.h"
#include "sim/tables/misspelt.h"
#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::language {

namespace {

// A warning only, as for all that the machine can refuse: the command may be meant to fail.
void warn_of_keywords(WordReader& reader, const Word& at, std::string_view table) {
  for (const tables::Misspelling& found : tables::misspelt_keywords(table)) {
    reader.warn(at, [&found] {
      return fmt::format("the target knows no {}; did you mean '{}'?", in_quotes(found.word), found.meant);
    });
  }
}

}  // namespace

std::optional<CommandBody> parse_dmsetup(WordReader& reader, Names& names) {
  DmsetupCommand command;
  const Word* first = nullptr;
  bool has_document = false;
  while (!reader.at_end()) {
    const Word& word = reader.take();
    if (!word.document) {
      if (first == nullptr) first = &word;
      command.arguments.push_back(word.text);
      continue;
    }
    if (has_document) reader.error(word, "there can be only one here-document");
    has_document = true;
    command.input = word.document->text;
    warn_of_keywords(reader, word, command.input);
  }
  // A warning only: the command may be meant to fail.
  if (first != nullptr && !first->text.starts_with('-') && dmsetup::find_command(first->text) == nullptr) {
    reader.warn(*first, [first] {
      return fmt::format("dmsetup has no command {}{}", in_quotes(first->text),
                         did_you_mean(first->text, dmsetup::command_names()));
    });
  }
  if (const auto table = dmsetup::parse_options(command.arguments).options.table; first != nullptr && table)
    warn_of_keywords(reader, *first, *table);
  names.add_device_of(command.arguments);
  return command;
}

}  // namespace sim::language
