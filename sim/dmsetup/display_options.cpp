// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/display_options.h"

#include <array>
#include <fmt/core.h>
#include <functional>
#include <string_view>

namespace sim::dmsetup {
namespace {

using Symbols = TreeOptions::Symbols;

struct TreeWord {
  std::string_view name;
  void (*apply)(TreeOptions&);
};

// In the order in which abbreviations are tried.
constexpr std::array tree_words = std::to_array<TreeWord>({
    {"device", [](TreeOptions& o) { o.device = true; }},
    {"blkdevname", [](TreeOptions& o) { o.kernel_name = true; }},
    {"nodevice", [](TreeOptions& o) { o.device = false; }},
    {"status", [](TreeOptions& o) { o.targets = true; }},
    {"table", [](TreeOptions& o) { o.targets = true; }},
    {"active", [](TreeOptions& o) { o.active = true; }},
    {"open", [](TreeOptions& o) { o.open_count = true; }},
    {"uuid", [](TreeOptions& o) { o.uuid = true; }},
    {"rw", [](TreeOptions& o) { o.rw = true; }},
    {"utf", [](TreeOptions& o) { o.symbols = Symbols::utf; }},
    {"vt100", [](TreeOptions& o) { o.symbols = Symbols::vt100; }},
    {"ascii", [](TreeOptions& o) { o.symbols = Symbols::ascii; }},
    {"inverted", [](TreeOptions& o) { o.inverted = true; }},
    {"compact", [](TreeOptions& o) { o.compact = true; }},
    {"notrunc", [](TreeOptions& o) { o.truncate = false; }},
});

bool take_tree_word(TreeOptions& options, std::string_view word) {
  for (const TreeWord& known : tree_words) {
    if (known.name.starts_with(word)) {
      known.apply(options);
      return true;
    }
  }
  return false;
}

bool take_name_word(DeviceNameKind& kind, std::string_view word) {
  if (std::string_view("devno").starts_with(word)) {
    kind = DeviceNameKind::number;
  } else if (std::string_view("blkdevname").starts_with(word)) {
    kind = DeviceNameKind::kernel;
  } else if (std::string_view("devname").starts_with(word)) {
    kind = DeviceNameKind::mapped;
  } else {
    return false;
  }
  return true;
}

}  // namespace

tl::expected<DisplayOptions, std::string> parse_display_options(const Options& options, bool columns) {
  DisplayOptions result;
  // With --columns, -o lists the fields of a report.
  if (!options.fields || (columns && !options.tree)) return result;
  std::string_view rest = *options.fields;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    if (options.tree ? !take_tree_word(result.tree, word) : !take_name_word(result.names, word)) {
      return tl::unexpected(
          fmt::format("{} not recognised: {}.", options.tree ? "Tree options" : "Option", rest));
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return result;
}

}  // namespace sim::dmsetup
