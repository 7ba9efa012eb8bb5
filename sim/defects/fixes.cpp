// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/defects/fixes.h"

#include <array>

#include "sim/defects/named.h"

namespace sim {

namespace {

using dmcore::Fix;

constexpr std::array<FixEntry, dmcore::fix_count> fix_entries = {{
    {Fix::fua_overwrite, "fua-overwrite",
     "a write that hydrates a region remembers, when it is submitted, whether it has FUA",
     "FUA without a write cache: an overwrite ends before its commit", "fua-overwrite.patch"},
    {Fix::discard_under_copy, "discard-under-copy",
     "a discard does not mark regions that are being hydrated: they are left to that",
     "A discard under a copy: later writes are lost", "discard-under-copy.patch"},
    {Fix::reread_metadata, "reread-metadata",
     "a table that becomes live reads the metadata, which another one may have changed since it was loaded",
     "A table loaded before the suspend loses writes", "reread-metadata.patch"},
    {Fix::kcopyd_wake, "kcopyd-wake",
     "when the I/O of a copy ends, the worker is woken before it can take the job from its list",
     "kcopyd may be woken after it is gone", "kcopyd-wake.patch"},
}};

}  // namespace

std::span<const FixEntry> fix_catalogue() {
  return fix_entries;
}

std::optional<Fix> fix_named(std::string_view name) {
  return kind_named(fix_catalogue(), &FixEntry::fix, name);
}

std::string fix_names(const dmcore::Fixes& fixes, std::string_view separator) {
  return names_of(fix_catalogue(), &FixEntry::fix, fixes, separator);
}

}  // namespace sim
