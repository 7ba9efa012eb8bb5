// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "sim/cli/dump/dump_record.h"
#include "sim/cli/dump/dump_text.h"
#include "sim/cli/dump/notations.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using metadata::Contents;

// "FILE:3: WHAT", of the third line.
Mistake mistake_at(const std::string& file, const std::string& text, std::ptrdiff_t offset,
                   const std::string& what) {
  const auto end =
      text.begin() + std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(text.size()));
  return Mistake(fmt::format("{}:{}: {}", printable(file), 1 + std::count(text.begin(), end, '\n'), what));
}

class XmlRecord final : public DumpRecord {
 public:
  XmlRecord(const std::string& file, const std::string& text, pugi::xml_node node)
      : file_(file), text_(text), node_(node) {}

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const override {
    const pugi::xml_attribute attribute = node_.attribute(std::string(name).c_str());
    return attribute ? std::optional<std::string>(attribute.value()) : std::nullopt;
  }
  [[nodiscard]] Mistake mistake(const std::string& what) const override {
    return mistake_at(file_, text_, node_.offset_debug(), what);
  }

 private:
  const std::string& file_;
  const std::string& text_;
  pugi::xml_node node_;
};

void append_ranges(pugi::xml_node root, const char* name, const metadata::Regions& regions) {
  for (const metadata::RegionRange& range : regions.ranges()) {
    pugi::xml_node node = root.append_child(name);
    node.append_attribute("begin") = static_cast<unsigned long long>(range.begin);
    node.append_attribute("length") = static_cast<unsigned long long>(range.length);
  }
}

void append_layout(pugi::xml_node root, const metadata::Layout& layout) {
  pugi::xml_node node = root.append_child("layout");
  for (const auto& [name, value] :
       {std::pair{"device_size", layout.device_size}, std::pair{"nr_blocks", layout.blocks},
        std::pair{"nr_allocated", layout.blocks_used}, std::pair{"bitset_root", layout.bitset_root},
        std::pair{"index_block", layout.index_block}, std::pair{"ref_count_root", layout.count_root}}) {
    node.append_attribute(name) = static_cast<unsigned long long>(value);
  }
  node.append_attribute("digest") = digest_text(layout).c_str();
}

}  // namespace

std::string xml_of(const Contents& contents) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("superblock");
  root.append_attribute("uuid") = uuid_text(contents).c_str();
  root.append_attribute("version") = contents.version;
  root.append_attribute("flags") = contents.flags;
  root.append_attribute("region_size") = static_cast<unsigned long long>(contents.region_size);
  root.append_attribute("target_size") = static_cast<unsigned long long>(contents.target_size);
  root.append_attribute("nr_regions") = static_cast<unsigned long long>(contents.regions());
  if (contents.layout) append_layout(root, *contents.layout);
  append_ranges(root, "hydrated", contents.hydrated);
  append_ranges(root, "lost", contents.lost);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_indent | pugi::format_no_declaration);
  return text.str();
}

Contents read_xml_dump(const std::string& file, const std::string& text) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) throw mistake_at(file, text, parsed.offset, fmt::format("no XML: {}", parsed.description()));
  const pugi::xml_node root = document.document_element();
  const XmlRecord superblock(file, text, root);
  if (std::string_view(root.name()) != "superblock")
    throw superblock.mistake(
        fmt::format("no dump of metadata: begins with {}, expected 'superblock'", in_quotes(root.name())));
  if (const pugi::xml_node second = root.next_sibling())
    throw XmlRecord(file, text, second).mistake("there is more behind the superblock");
  Contents contents;
  take_superblock(superblock, contents);
  for (const pugi::xml_node node : root.children()) {
    const XmlRecord record(file, text, node);
    const std::string_view name = node.name();
    if (name == "layout") {
      take_layout(record, contents);
    } else if (name == "hydrated" || name == "lost") {
      take_range(record, contents, name == "lost" ? contents.lost : contents.hydrated);
    } else {
      throw record.mistake(fmt::format("{} is unknown", in_quotes(name.empty() ? node.value() : name)));
    }
  }
  return contents;
}

}  // namespace sim::cli
