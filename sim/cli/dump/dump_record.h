// SPDX-License-Identifier: GPL-2.0-or-later
// What both notations of a dump have in common: records with named fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/failure.h"
#include "sim/metadata/contents.h"

namespace sim::cli {

class DumpRecord {
 public:
  DumpRecord() = default;
  DumpRecord(const DumpRecord&) = default;
  DumpRecord& operator=(const DumpRecord&) = default;
  virtual ~DumpRecord() = default;

  // As it is written; none if there is no such field.
  [[nodiscard]] virtual std::optional<std::string> text(std::string_view name) const = 0;
  // A mistake in this record, with its place in front.
  [[nodiscard]] virtual Mistake mistake(const std::string& what) const = 0;

  // Decimal digits, or hexadecimal ones behind "0x". Throws mistake().
  [[nodiscard]] std::uint64_t number(std::string_view name) const;
};

// Where an array block's place, a digest or a uuid has its text.
std::string uuid_text(const metadata::Contents& contents);
std::string digest_text(const metadata::Layout& layout);

// Each of these throws the record's mistake() for what makes no sense.
void take_superblock(const DumpRecord& record, metadata::Contents& contents);
void take_layout(const DumpRecord& record, metadata::Contents& contents);
// After the superblock.
void take_range(const DumpRecord& record, const metadata::Contents& contents, metadata::Regions& regions);

}  // namespace sim::cli
