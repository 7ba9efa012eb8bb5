// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/device_list.h"

#include <algorithm>
#include <array>
#include <boost/regex.hpp>
#include <fmt/format.h>
#include <limits>

#include "sim/tables/block_list.h"
#include "sim/tables/concise_list.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

class Reader {
 public:
  Reader(const std::string& name, std::string_view text, DeviceList& list)
      : name_(name), text_(text), quotes_(text), list_(list) {}

  void read() {
    int number = 0;
    for (const std::string_view raw : lines_of(text_)) {
      here_ = {name_, ++number};
      const std::string_view line = trimmed(raw);
      if (line.empty() || line.front() == '#' || line == "No devices found") continue;
      if (!take(line, raw)) {
        list_.notes.push_back(
            {Note::Kind::error, here_, fmt::format("{} names no device and its number", quotes_.of(line))});
      }
    }
  }

 private:
  bool take(std::string_view line, std::string_view raw) {
    return take_headings(line) || take_properties(line) || add(lsblk_pairs(line)) || take_ls(raw) ||
           take_link(line) || take_columns(line) || take_colons(line) || take_other(line);
  }

  bool add(std::optional<ListedDevice> device) {
    if (!device) return false;
    device->where = here_;
    list_.devices.push_back(*std::move(device));
    return true;
  }

  ListedDevice& add(std::string_view name, std::optional<std::uint32_t> major, std::uint32_t minor) {
    ListedDevice device;
    device.name = std::string(name);
    device.where = here_;
    device.major = major;
    device.minor = minor;
    return list_.devices.emplace_back(std::move(device));
  }

  // "Name Maj Min Stat ..." of dmsetup, "NAME MAJ:MIN RM SIZE ..." of lsblk, "major minor  #blocks  name".
  bool take_headings(std::string_view line) {
    Columns columns;
    for (const std::string_view word : words_of(line)) columns.headings.emplace_back(word);
    const bool dmsetup = columns.find("Name") && columns.find("Maj") && columns.find("Min");
    const bool lsblk = columns.find("NAME") && columns.find("MAJ:MIN");
    const bool proc = line == "major minor  #blocks  name";
    if (!dmsetup && !lsblk && !proc) return false;
    columns_ = std::move(columns);
    return true;
  }

  // `dmsetup info` and `dmsetup table -v`, property by property.
  bool take_properties(std::string_view line) {
    if (const auto value = property(line, "Name")) {
      block_name_ = std::string(*value);
      block_inactive_ = block_read_only_ = false;
      return true;
    }
    if (block_name_.empty()) return false;
    if (const auto value = property(line, "Tables present")) {
      block_inactive_ = value->find("INACTIVE") != std::string_view::npos;
      return true;
    }
    if (const auto value = property(line, "State")) {
      block_read_only_ = value->find("READ-ONLY") != std::string_view::npos;
      return true;
    }
    if (const auto value = property(line, "Major, minor")) {
      const auto numbers = two_numbers(*value, ',');
      if (!numbers) return false;
      ListedDevice& device = add(block_name_, numbers->first, numbers->second);
      device.mapped = true;
      device.inactive_table = block_inactive_;
      device.read_only = block_read_only_;
      return true;
    }
    static constexpr std::array others = {"Read Ahead", "Open count", "Event number", "Number of targets",
                                          "UUID"};
    if (std::any_of(others.begin(), others.end(),
                    [&](const char* name) { return property(line, name).has_value(); }))
      return true;
    return !line.empty() && line.front() >= '0' && line.front() <= '9' && words_of(line).size() > 2;
  }

  // "vg-root\t(253:0)", " `-vg-root (253, 0)", and nameless disks in a tree: " `- (8:2)".
  bool take_ls(std::string_view raw) {
    static const boost::regex pattern(R"((.*)\((\d+)[:,] *(\d+)\)\s*)");
    boost::cmatch match;
    if (!boost::regex_match(raw.begin(), raw.end(), match, pattern)) return false;
    const auto major = whole_number(match[2].str());
    const auto minor = whole_number(match[3].str());
    constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
    if (!major || !minor || *major > limit || *minor > limit) return false;
    const std::string before = match[1];
    const std::string_view name = trimmed(without_branches(before));
    if (name.empty()) return true;
    add(name, static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)).mapped = true;
    return true;
  }

  // "lrwxrwxrwx 1 root root 7 Jan  1 00:00 vg-root -> ../dm-0" of ls -l /dev/mapper.
  bool take_link(std::string_view line) {
    static const boost::regex link(R"((?:.* )?(?:/dev/mapper/)?(\S+) -> (?:\.\./|/dev/)?dm-(\d+))");
    static const boost::regex noise(R"(total \d+|c[rwx-]+.* control)");
    if (boost::regex_match(line.begin(), line.end(), noise)) return true;
    boost::cmatch match;
    if (!boost::regex_match(line.begin(), line.end(), match, link)) return false;
    const auto minor = whole_number(match[2].str());
    if (!minor || *minor > std::numeric_limits<std::uint32_t>::max()) return false;
    add(match[1].str(), std::nullopt, static_cast<std::uint32_t>(*minor)).mapped = true;
    return true;
  }

  bool take_columns(std::string_view line) {
    if (columns_.find("#blocks")) return add(partition_row(line));
    if (columns_.find("MAJ:MIN")) return add(lsblk_row(line, columns_)) || is_further_mount_point(line);
    return columns_.find("Maj") && take_info(line);
  }

  // "my vol   253   0 L--w ...": the name, which may hold blanks, and the numbers come first.
  bool take_info(std::string_view line) {
    static const boost::regex pattern(R"((.+?)\s+(\d+)\s+(\d+)(?:\s+([LIsrw-]{4})\b.*)?)");
    boost::cmatch match;
    if (columns_.find("Name") != std::size_t{0} || columns_.find("Maj") != std::size_t{1} ||
        columns_.find("Min") != std::size_t{2} ||
        !boost::regex_match(line.begin(), line.end(), match, pattern))
      return false;
    return take_mapped(match);
  }

  // A mapped device: its name, its two numbers, its attributes.
  bool take_mapped(const boost::cmatch& match) {
    const auto numbers = two_numbers(fmt::format("{}:{}", match[2].str(), match[3].str()), ':');
    if (!numbers) return false;
    ListedDevice& device = add(match[1].str(), numbers->first, numbers->second);
    device.mapped = true;
    take_attributes(device, match[4].str());
    return true;
  }

  // "LIsw": a live table, an inactive one, suspended, writable.
  static void take_attributes(ListedDevice& device, std::string_view attributes) {
    device.inactive_table = attributes.find('I') != std::string_view::npos;
    device.read_only = attributes.find('r') != std::string_view::npos;
  }

  // "vg-root:253:0" of dmsetup info -c --noheadings -o name,major,minor; more columns may follow.
  bool take_colons(std::string_view line) {
    static const boost::regex pattern(R"((.+?):(\d+):(\d+)(?::([LIsrw-]{4})(?::.*)?)?)");
    boost::cmatch match;
    if (!boost::regex_match(line.begin(), line.end(), match, pattern)) return false;
    return take_mapped(match);
  }

  // A concise list; or "sda 8:0" and "8:0 sda", as people write, with a size if they like.
  bool take_other(std::string_view line) {
    if (is_concise(line)) {
      for (const ConciseDevice& listed : read_concise(line, here_, quotes_, list_.notes)) {
        if (!listed.minor) continue;
        ListedDevice& device = add(listed.name, std::nullopt, *listed.minor);
        device.mapped = true;
        device.read_only = listed.read_only;
      }
      return true;
    }
    auto words = words_of(line);
    if (words.size() < 2) return false;
    if (two_numbers(words[0], ':')) std::swap(words[0], words[1]);
    const auto numbers = two_numbers(words[1], ':');
    if (!numbers) return false;
    ListedDevice& device = add(words[0], numbers->first, numbers->second);
    if (words.size() > 2) device.sectors = printed_size(words[2], device.rounded);
    return true;
  }

  const std::string& name_;
  std::string_view text_;
  Quotes quotes_;
  DeviceList& list_;
  Place here_;
  Columns columns_;
  std::string block_name_;
  bool block_inactive_ = false;
  bool block_read_only_ = false;
};

}  // namespace

ListIndex::ListIndex(const DeviceList& list) : list_(list) {
  for (std::size_t i = 0; i < list.devices.size(); ++i) {
    const ListedDevice& device = list.devices[i];
    by_number_.emplace(std::pair(device.major, device.minor), i);
    by_name_.emplace(device.name, i);
  }
}

const ListedDevice* ListIndex::find(dmcore::DevT number, std::uint32_t dm_major) const {
  const auto none = list_.devices.size();
  const auto index = [&](std::optional<std::uint32_t> major) {
    const auto found = by_number_.find(std::pair(major, number.minor));
    return found == by_number_.end() ? none : found->second;
  };
  const std::size_t found =
      std::min(index(number.major), number.major == dm_major ? index(std::nullopt) : none);
  return found == none ? nullptr : &list_.devices[found];
}

const ListedDevice* ListIndex::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &list_.devices[found->second];
}

DeviceList parse_device_list(const std::string& name, std::string_view text) {
  DeviceList list;
  Reader(name, text, list).read();
  return list;
}

}  // namespace sim::tables
