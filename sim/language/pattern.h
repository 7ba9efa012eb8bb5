// SPDX-License-Identifier: GPL-2.0-or-later
// What `write` fills sectors with, and how `read` names their content.
//
// A stamp identifies a write and a place: sector s, written with the pattern @X, contains the text "X@s\n",
// repeated. So the transcript of a read shows what was copied from where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/types.h"

namespace sim::language {

// What `write` fills sectors with.
struct Pattern {
  enum class Kind { zero, fill, stamp };
  Kind kind = Kind::zero;
  char byte = 0;       // fill
  std::string letter;  // stamp: one character, in UTF-8

  friend bool operator==(const Pattern&, const Pattern&) = default;
};

// "zero", one ASCII character, or '@' and one character. Nothing for other words.
std::optional<Pattern> parse_pattern(std::string_view word);

// Fills whole sectors, the first of which is number `sector`.
void fill_pattern(const Pattern& pattern, dmcore::sector_t sector, std::span<std::byte> out);

// The name of a sector's content: "zero"; the character that fills it, 0xHH if it is not printable; its stamp
// "@X", with "+N" or "-N" if it is the stamp of the sector N later or earlier; else "?" and the first 8
// digits of its SHA-256.
std::string sector_name(std::span<const std::byte> sector_data, dmcore::sector_t sector);

// Collects consecutive sectors into lines "FIRST-LAST NAME", one for each run of sectors with the same name.
class RunPrinter {
 public:
  // `data` is whole sectors, which follow those added before.
  void add(std::span<const std::byte> data, dmcore::sector_t sector);
  // The lines of all that was added. If that is nothing, the one line that the reference interpreter prints
  // then; `first` is the first sector of the read.
  [[nodiscard]] std::vector<std::string> finish(dmcore::sector_t first);

 private:
  struct Run {
    enum class Kind { none, fill, stamp, other };
    Kind kind = Kind::none;
    std::byte fill{};
    char letter = 0;
    std::int64_t shift = 0;  // stamp: number of the stamped sector minus that of this one
    std::string name;
  };

  [[nodiscard]] bool continues(std::span<const std::byte> data, dmcore::sector_t sector) const;
  [[nodiscard]] static Run classify(std::span<const std::byte> data, dmcore::sector_t sector);
  friend std::string sector_name(std::span<const std::byte> sector_data, dmcore::sector_t sector);
  void end_run();

  Run run_;
  dmcore::sector_t run_first_ = 0;
  dmcore::sector_t next_ = 0;
  std::vector<std::byte> last_;  // the previous sector, for runs that are named by a hash
  std::vector<std::string> lines_;
};

}  // namespace sim::language
