// SPDX-License-Identifier: GPL-2.0-or-later
// Little-endian integers for on-disk structures. They convert implicitly to and from native integers and have
// no alignment, so structures of them have no padding.
#pragma once

#include <boost/endian/arithmetic.hpp>
#include <type_traits>

namespace dmcore {

using le32 = boost::endian::little_uint32_t;
using le64 = boost::endian::little_uint64_t;

static_assert(sizeof(le32) == 4 && alignof(le32) == 1 && std::is_trivially_copyable_v<le32>);
static_assert(sizeof(le64) == 8 && alignof(le64) == 1 && std::is_trivially_copyable_v<le64>);

}  // namespace dmcore
