// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup ARGUMENT... [<<TAG]
#include <fmt/core.h>

#include "sim/dmsetup/commands.h"
#include "sim/language/parse_command.h"
#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::language {

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
  }
  // A warning only: the command may be meant to fail.
  if (first != nullptr && !first->text.starts_with('-') && dmsetup::find_command(first->text) == nullptr) {
    reader.warn(*first, [first] {
      return fmt::format("dmsetup has no command {}{}", in_quotes(first->text),
                         did_you_mean(first->text, dmsetup::command_names()));
    });
  }
  names.add_device_of(command.arguments);
  return command;
}

}  // namespace sim::language
