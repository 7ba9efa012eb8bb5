// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/note.h"

#include <fmt/format.h>

namespace sim::tables {

namespace {

std::string_view word_for(Note::Kind kind) {
  switch (kind) {
    case Note::Kind::error:
      return "error";
    case Note::Kind::assumed:
      return "assumed";
    case Note::Kind::replaced:
      return "replaced";
    case Note::Kind::left_out:
      return "left out";
    case Note::Kind::refused:
      return "refused";
    case Note::Kind::risk:
      return "risk";
    case Note::Kind::told:
      return "note";
  }
  return {};
}

}  // namespace

std::string format_note(const Note& note) {
  const std::string line = note.where.line == 0 ? std::string() : fmt::format(":{}", note.where.line);
  return fmt::format("{}{}: {}: {}", note.where.file, line, word_for(note.kind), note.text);
}

bool is_loss(const Note& note) {
  switch (note.kind) {
    case Note::Kind::error:
    case Note::Kind::replaced:
    case Note::Kind::left_out:
    case Note::Kind::refused:
      return true;
    case Note::Kind::assumed:
    case Note::Kind::risk:
    case Note::Kind::told:
      return false;
  }
  return false;
}

}  // namespace sim::tables
