// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of a type of target as data, for whatever reads, explains, checks or writes tables.
//
// Constructors do not parse by it: each of the kernel's checks its arguments in its own order and with its
// own messages, and so do ours. tests/dmclone/declared_arguments_test.cpp makes tables from every
// declaration, right and wrong ones, and compares what the constructor does with them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dmcore/dm/args.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

// What a target does with a device. A source is only read; the others are also written.
enum class DeviceRole : std::uint8_t { data, metadata, destination, source };

// One word.
struct Argument {
  enum class Kind : std::uint8_t {
    device,  // a path or "MAJOR:MINOR"
    start,   // the first sector that is used of the device in the word before
    number,
    choice,  // one of `choices`, in upper or lower case
  };
  // `regions`: of the size that the target's argument with `sets_region` says.
  enum class Unit : std::uint8_t { none, bytes, sectors, regions, milliseconds, seconds };
  enum class Divides : std::uint8_t { nothing, length, share };

  std::string name{};
  std::string meaning{};  // half a sentence, which may follow the name and a colon
  Kind kind = Kind::number;
  DeviceRole role = DeviceRole::data;

  // Of numbers, and of starts.
  NumberFormat format = NumberFormat::scanned_64;
  Unit unit = Unit::none;
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
  bool power_of_two = false;
  // The target's length, or the share that each turn of a Sequence has of it, is a multiple of this number.
  Divides divides = Divides::nothing;
  bool sets_region = false;
  // How many regions the number stands for; empty if it does not stand for regions.
  std::function<std::uint64_t(std::uint64_t number, sector_t region_size)> to_regions{};

  std::vector<std::string_view> choices{};
};

// Words that come together, as often as the number argument `times_of` says, or else at least once and at
// most once for each of `turns`.
struct Sequence {
  std::vector<Argument> arguments{};
  std::string times_of{};
  // What each time is for; a time that is left out is as the one before it.
  std::vector<std::string> turns{};
  // Each time has an equal part of the target's length. Otherwise each has all of it.
  bool shares_length = false;
};

// A word that may be there, followed by words of its own.
struct Keyword {
  std::string_view name{};  // in upper or lower case
  std::string meaning{};
  std::string when_absent{};  // what holds without it; empty: nothing worth saying
  std::vector<Argument> values{};
  // With one value only: what it is without the keyword, for regions of so many sectors.
  std::function<std::uint64_t(sector_t region_size)> default_value{};
};

// "[COUNT KEYWORD...]": how many words follow, then keywords and their values in any order. Optional, and
// only possible if all that comes before is there.
struct KeywordGroup {
  std::string name{};  // plural: "feature arguments"
  unsigned words_max = 0;
  std::vector<Keyword> keywords{};
  std::string when_empty{};  // what holds without any of the keywords
};

using ArgumentPart = std::variant<Argument, Sequence, KeywordGroup>;

struct TargetArguments {
  std::string summary{};  // the target in a few words: "a range of a device"
  std::vector<ArgumentPart> parts{};
  bool ignores_rest = false;  // further words are accepted, and mean nothing; otherwise they are refused
};

// The groups among the parts, in their order. They belong to `arguments`.
std::vector<const KeywordGroup*> keyword_groups(const TargetArguments& arguments);

// The two words with which most targets name a device: it has the data, from a sector on.
Argument data_device_argument();
Argument start_argument();

}  // namespace dmcore
