// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/dialect.h"

#include <array>

#include "dmcore/dm/args.h"

namespace dmclone {

dmcore::Result<std::uint64_t> Dialect::parse_number(std::string_view text) const {
  const auto number = dmcore::parse_u64(text);
  if (!number.ok() || *number > number_max()) return dmcore::Errno::inval;
  return *number;
}

std::span<const Dialect* const> dialects() {
  static constexpr std::array all{&linux_dialect, &rfc1_dialect};
  return all;
}

}  // namespace dmclone
