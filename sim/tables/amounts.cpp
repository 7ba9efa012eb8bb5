// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/amounts.h"

#include <array>
#include <fmt/format.h>
#include <string_view>

namespace sim::tables {

std::string amount(dmcore::sector_t sectors) {
  struct Unit {
    dmcore::sector_t size;
    std::string_view name;
  };
  constexpr unsigned tenfold_of_units = 10;
  constexpr std::array units = {
      Unit{2, "KiB"}, Unit{2ULL << tenfold_of_units, "MiB"}, Unit{2ULL << 2 * tenfold_of_units, "GiB"},
      Unit{2ULL << 3 * tenfold_of_units, "TiB"}, Unit{2ULL << 4 * tenfold_of_units, "PiB"}};
  if (sectors < units.front().size) return fmt::format("{} bytes", dmcore::to_bytes(sectors));
  const Unit* unit = units.data();
  for (const Unit& larger : units) {
    if (sectors >= larger.size) unit = &larger;
  }
  // In hundredths, rounded down.
  constexpr dmcore::sector_t hundred = 100;
  const dmcore::sector_t whole = sectors / unit->size;
  const dmcore::sector_t rest = sectors % unit->size;
  const auto hundredths =
      static_cast<dmcore::sector_t>(static_cast<unsigned __int128>(rest) * hundred / unit->size);
  const bool exact = static_cast<unsigned __int128>(hundredths) * unit->size ==
                     static_cast<unsigned __int128>(rest) * hundred;
  std::string number = fmt::format("{}", whole);
  if (hundredths != 0) {
    number += fmt::format(".{:02}", hundredths);
    if (number.back() == '0') number.pop_back();
  }
  return fmt::format("{}{} {}", exact ? "" : "about ", number, unit->name);
}

std::string sectors_and_amount(dmcore::sector_t sectors) {
  return fmt::format("{} sector{} ({})", sectors, sectors == 1 ? "" : "s", amount(sectors));
}

}  // namespace sim::tables
