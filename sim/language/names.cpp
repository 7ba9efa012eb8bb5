// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/names.h"

#include <fmt/core.h>
#include <vector>

#include "sim/dmsetup/options.h"
#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::language {
namespace {

// Whether a device of that name has a node of the same name: others are escaped, depending on --manglename.
bool is_node_name(std::string_view name) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#+-.:=@_";
  return name.find_first_not_of(plain) == std::string_view::npos;
}

}  // namespace

void Names::add_device_of(std::span<const std::string> arguments) {
  if (!complete_) return;
  const dmsetup::ParsedOptions parsed = dmsetup::parse_options(arguments);
  const std::vector<std::string>& words = parsed.words;
  if (words.empty()) return;
  const std::size_t name = words[0] == "create" ? 1 : words[0] == "rename" ? 2 : 0;
  if (words[0] == "mangle" || (name == 1 && parsed.options.concise)) return expect_others();
  if (name == 0 || words.size() <= name) return;
  if (!is_node_name(words[name])) return expect_others();
  devices_.insert(words[name]);
}

std::string Names::missing(std::string_view what, std::string_view name, bool devices) const {
  std::vector<std::string_view> known(disks_.begin(), disks_.end());
  if (devices) known.insert(known.end(), devices_.begin(), devices_.end());
  return fmt::format("there is no {} {} up to here{}", what, in_quotes(name), did_you_mean(name, known));
}

std::string Names::no_disk(std::string_view name) const {
  return missing("disk", name, false);
}

std::string Names::no_device(std::string_view name) const {
  return missing("device", name, true);
}

}  // namespace sim::language
