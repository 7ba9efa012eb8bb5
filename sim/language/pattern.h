// SPDX-License-Identifier: GPL-2.0-or-later
// What scenarios write, and how they call what they read.
//
// A stamp tells whose data a sector is and where it was written: sector s, written with the pattern @X, holds
// the text "X@s\n" again and again. So a transcript of a read shows at a glance what was copied from where.
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

// "zero", one ASCII character, or '@' and one character.
std::optional<Pattern> parse_pattern(std::string_view word);

// Fills whole sectors, the first of which is number `sector`.
void fill_pattern(const Pattern& pattern, dmcore::sector_t sector, std::span<std::byte> out);

// One sector's name: "zero"; the character that fills it, 0xHH if it is not printable; its stamp "@X", with
// "+N" or "-N" if it is that of the sector N later or earlier; else "?" and the first 8 digits of its
// SHA-256.
std::string sector_name(std::span<const std::byte> sector_data, dmcore::sector_t sector);

// Collects consecutive sectors into lines "FIRST-LAST NAME", one for each run of sectors with the same name.
class RunPrinter {
 public:
  // `data` is whole sectors, beginning with the one after those added before.
  void add(std::span<const std::byte> data, dmcore::sector_t sector);
  // The lines of everything that was added. Reading nothing gives one odd line, as the reference interpreter
  // does; `first` is where the reading began.
  [[nodiscard]] std::vector<std::string> finish(dmcore::sector_t first);

 private:
  struct Run {
    enum class Kind { none, fill, stamp, other };
    Kind kind = Kind::none;
    std::byte fill{};
    char letter = 0;
    std::int64_t shift = 0;  // stamp: of the sector that many later
    std::string name;
  };

  [[nodiscard]] bool continues(std::span<const std::byte> data, dmcore::sector_t sector) const;
  [[nodiscard]] static Run classify(std::span<const std::byte> data, dmcore::sector_t sector);
  friend std::string sector_name(std::span<const std::byte> sector_data, dmcore::sector_t sector);
  void end_run();

  Run run_;
  dmcore::sector_t run_first_ = 0;
  dmcore::sector_t next_ = 0;
  std::vector<std::byte> last_;  // the sector before, for the runs that have nothing but a hash
  std::vector<std::string> lines_;
};

}  // namespace sim::language
