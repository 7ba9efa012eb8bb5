// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/cli/dump/dump_record.h"
#include "sim/cli/dump/dump_text.h"
#include "sim/cli/dump/notations.h"
#include "sim/cli/json_line.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using metadata::Contents;

class JsonRecord final : public DumpRecord {
 public:
  // `place`: what is said before a mistake, such as "dump.json: hydrated[3]".
  JsonRecord(std::string place, const Json& object) : place_(std::move(place)), object_(object) {
    if (!object.is_object()) throw mistake("is no object");
  }

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const override {
    const auto found = object_.find(name);
    if (found == object_.end()) return std::nullopt;
    return found->is_string() ? found->get<std::string>() : found->dump();
  }
  [[nodiscard]] Mistake mistake(const std::string& what) const override {
    return Mistake(fmt::format("{}: {}", place_, what));
  }

 private:
  std::string place_;
  const Json& object_;
};

Json array_of(const metadata::Regions& regions) {
  Json array = Json::array();
  for (const metadata::RegionRange& range : regions.ranges())
    array.push_back({{"begin", range.begin}, {"length", range.length}});
  return array;
}

void take_ranges(const std::string& file, const std::string& name, const Json& array,
                 const Contents& contents, metadata::Regions& regions) {
  if (!array.is_array()) throw Mistake(fmt::format("{}: {} is no array", file, name));
  for (std::size_t i = 0; i < array.size(); ++i)
    take_range(JsonRecord(fmt::format("{}: {}[{}]", file, name, i), array[i]), contents, regions);
}

// Of the superblock. A name that is not known is a mistake: misspelled ranges would be lost.
bool is_field(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"uuid", "version", "flags", "region_size", "target_size", "nr_regions"});
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string json_of(const Contents& contents) {
  Json object = {{"uuid", uuid_text(contents)},
                 {"version", contents.version},
                 {"flags", contents.flags},
                 {"region_size", contents.region_size},
                 {"target_size", contents.target_size},
                 {"nr_regions", contents.regions()}};
  if (contents.layout) {
    const metadata::Layout& layout = *contents.layout;
    object["layout"] = {{"device_size", layout.device_size},  {"nr_blocks", layout.blocks},
                        {"nr_allocated", layout.blocks_used}, {"bitset_root", layout.bitset_root},
                        {"index_block", layout.index_block},  {"ref_count_root", layout.count_root},
                        {"digest", digest_text(layout)}};
  }
  object["hydrated"] = array_of(contents.hydrated);
  object["lost"] = array_of(contents.lost);
  return object.dump(2) + "\n";
}

Contents read_json_dump(const std::string& path, const std::string& text) {
  const std::string file = printable(path);
  Json object;
  try {
    object = Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Mistake(fmt::format("{}: no JSON: {}", file, printable(error.what())));
  }
  Contents contents;
  take_superblock(JsonRecord(file, object), contents);
  for (const auto& [name, value] : object.items()) {
    if (name == "layout") {
      take_layout(JsonRecord(file + ": layout", value), contents);
    } else if (name == "hydrated" || name == "lost") {
      take_ranges(file, name, value, contents, name == "lost" ? contents.lost : contents.hydrated);
    } else if (!is_field(name)) {
      throw Mistake(fmt::format("{}: {} is unknown", file, in_quotes(name)));
    }
  }
  return contents;
}

}  // namespace sim::cli
