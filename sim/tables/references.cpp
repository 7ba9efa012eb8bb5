// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/references.h"

#include <limits>

#include "dmcore/dm/args.h"

#include "sim/tables/foreign_types.h"
#include "sim/tables/known_types.h"
#include "sim/tables/metadata_size.h"

namespace sim::tables {

namespace {

using dmcore::Argument;
using dmcore::sector_t;

sector_t saturating_add(sector_t a, sector_t b) {
  return a > std::numeric_limits<sector_t>::max() - b ? std::numeric_limits<sector_t>::max() : a + b;
}

// Where the regions' metadata fits; something that is always enough for a start if the line is wrong anyway.
void size_metadata(Reference& reference, const std::vector<ArgumentWord>& words, sector_t length) {
  constexpr sector_t otherwise = 8192;
  reference.needed = 1;
  reference.wanted = otherwise;
  const auto region = region_size_in(words);
  if (!region) return;
  const auto size = metadata_size(length, *region);
  if (const auto* known = std::get_if<MetadataSize>(&size)) {
    reference.needed = known->sectors_to_format();
    reference.wanted = known->sectors_to_commit();
  }
}

// What the target uses of a device whose first sector it does not say, or says in the next word.
bool size_data(Reference& reference, const ArgumentWord& device, const ArgumentWord* next, sector_t length) {
  const bool shared = device.sequence != nullptr && device.sequence->shares_length;
  const sector_t used = shared ? length / device.turns : length;
  const bool has_start =
      next != nullptr && next->argument != nullptr && next->argument->kind == Argument::Kind::start;
  if (has_start && !next->number) return false;
  const sector_t start = has_start ? *next->number : 0;
  reference.needed = reference.wanted = saturating_add(start, used);
  reference.whole = start == 0;
  return true;
}

std::vector<Reference> devices_in(const std::vector<ArgumentWord>& words, sector_t length) {
  std::vector<Reference> found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const ArgumentWord& word = words[i];
    if (word.kind != ArgumentWord::Kind::argument || word.argument->kind != Argument::Kind::device) continue;
    Reference reference{.word = word.word, .role = word.argument->role, .name = word.argument->name};
    bool usable = true;
    if (reference.role == Role::metadata) {
      size_metadata(reference, words, length);
    } else {
      usable = size_data(reference, word, i + 1 < words.size() ? &words[i + 1] : nullptr, length);
    }
    if (usable) found.push_back(std::move(reference));
  }
  return found;
}

}  // namespace

std::vector<std::string> arguments_of(const libdm::Target& target) {
  return dmcore::split_args(target.params);
}

std::string join_arguments(const std::vector<std::string>& arguments) {
  std::string out;
  for (const std::string& word : arguments) {
    if (!out.empty()) out += ' ';
    for (const char c : word) {
      if (c == '\\' || c == ' ' || c == '\t') out += '\\';
      out += c;
    }
  }
  return out;
}

std::vector<ArgumentWord> argument_words_of(const libdm::Target& target, const dmclone::Dialect& dialect) {
  const dmcore::TargetArguments* declared = declared_arguments(target.type, dialect);
  if (declared == nullptr) return {};
  return match_arguments(*declared, arguments_of(target), target.length);
}

std::vector<Reference> references_of(const libdm::Target& target, const dmclone::Dialect& dialect) {
  if (is_known_type(target.type)) return devices_in(argument_words_of(target, dialect), target.length);
  std::vector<Reference> found;
  for (const std::size_t word : device_words(target))
    found.push_back({.word = word, .name = "device", .needed = 1, .wanted = 1});
  return found;
}

}  // namespace sim::tables
