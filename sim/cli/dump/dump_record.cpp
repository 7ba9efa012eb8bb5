// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/dump/dump_record.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>

#include "sim/metadata/geometry.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using metadata::Contents;
using metadata::Layout;

// A petabyte: more is a mistake, and could overflow in bytes.
constexpr dmcore::sector_t device_size_max = dmcore::sector_t{1} << 41;

template <class Number>
std::optional<Number> parsed(std::string_view text, int base) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::uint32_t number32(const DumpRecord& record, std::string_view name) {
  const std::uint64_t value = record.number(name);
  if (value > std::numeric_limits<std::uint32_t>::max())
    throw record.mistake(fmt::format("{} is too large: {}", name, value));
  return static_cast<std::uint32_t>(value);
}

void take_uuid(const DumpRecord& record, Contents& contents) {
  const std::string text = record.text("uuid").value_or("");
  if (text.empty()) return;
  for (std::size_t i = 0; i < contents.uuid.size(); ++i) {
    const auto byte = text.size() == 2 * contents.uuid.size()
                          ? parsed<std::uint8_t>(std::string_view(text).substr(2 * i, 2), 16)
                          : std::nullopt;
    if (!byte) throw record.mistake(fmt::format("uuid is not 32 hexadecimal digits: {}", in_quotes(text)));
    contents.uuid[i] = *byte;
  }
}

}  // namespace

std::uint64_t DumpRecord::number(std::string_view name) const {
  const std::optional<std::string> digits = text(name);
  if (!digits) throw mistake(fmt::format("{} is missing", name));
  const bool hexadecimal = digits->starts_with("0x");
  const auto value = hexadecimal ? parsed<std::uint64_t>(std::string_view(*digits).substr(2), 16)
                                 : parsed<std::uint64_t>(*digits, 10);
  if (!value) throw mistake(fmt::format("{} is not a number: {}", name, in_quotes(*digits)));
  return *value;
}

std::string uuid_text(const Contents& contents) {
  const bool none =
      std::all_of(contents.uuid.begin(), contents.uuid.end(), [](auto byte) { return byte == 0; });
  return none ? "" : fmt::format("{:02x}", fmt::join(contents.uuid, ""));
}

std::string digest_text(const Layout& layout) {
  return fmt::format("{:#018x}", layout.digest);
}

void take_superblock(const DumpRecord& record, Contents& contents) {
  take_uuid(record, contents);
  contents.version = number32(record, "version");
  if (contents.version < dmclone::metadata_version_min || contents.version > dmclone::metadata_version_max)
    throw record.mistake(fmt::format("version {} is unknown", contents.version));
  contents.flags = number32(record, "flags");
  contents.region_size = record.number("region_size");
  contents.target_size = record.number("target_size");
  if (const auto refused = metadata::refusal(contents.target_size, contents.region_size)) {
    throw record.mistake(fmt::format("there is no clone of {} sectors with regions of {}: {}",
                                     contents.target_size, contents.region_size, *refused));
  }
  if (const std::uint64_t regions = record.number("nr_regions"); regions != contents.regions())
    throw record.mistake(
        fmt::format("nr_regions is {}, but these sizes give {}", regions, contents.regions()));
}

void take_layout(const DumpRecord& record, Contents& contents) {
  if (contents.layout) throw record.mistake("there are two layouts");
  Layout& layout = contents.layout.emplace();
  layout.device_size = record.number("device_size");
  if (layout.device_size > device_size_max)
    throw record.mistake(fmt::format("device_size is too large: {}", layout.device_size));
  layout.blocks = record.number("nr_blocks");
  layout.blocks_used = record.number("nr_allocated");
  layout.bitset_root = record.number("bitset_root");
  layout.index_block = record.number("index_block");
  layout.count_root = record.number("ref_count_root");
  layout.digest = record.number("digest");
}

void take_range(const DumpRecord& record, const Contents& contents, metadata::Regions& regions) {
  const std::uint64_t begin = record.number("begin");
  const std::uint64_t length = record.number("length");
  if (length == 0) throw record.mistake("length is 0");
  if (begin >= contents.regions() || length > contents.regions() - begin) {
    throw record.mistake(
        fmt::format("{} regions from {} on are not in a clone of {}", length, begin, contents.regions()));
  }
  if (!regions.empty() && begin < regions.ranges().back().end())
    throw record.mistake(
        fmt::format("begin is {}, but the range before ends at {}", begin, regions.ranges().back().end()));
  regions.append(begin, length);
}

}  // namespace sim::cli
