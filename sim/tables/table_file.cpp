// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/table_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <map>

#include "dmcore/dm/args.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/libdm/mangling.h"
#include "sim/libdm/table_text.h"
#include "sim/tables/concise_list.h"
#include "sim/tables/secrets.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

// A line that has been told apart.
struct Split {
  bool named = false;
  std::string name;
  std::optional<libdm::Target> target;  // missing: a device without a table
};

std::optional<libdm::Target> target_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::optional<libdm::Target> target = libdm::parse_target(text);
  if (!target || target->type.find(':') != std::string::npos) return std::nullopt;
  return target;
}

// Whether what looks like a name with blanks is another line with a key, which must not be printed as a name.
bool holds_key(const std::string& name) {
  return words_of(name).size() > 1 && without_keys(name) != name;
}

// The name may hold blanks and colons: it ends at the first colon that a target follows.
std::optional<Split> split(std::string_view line) {
  if (auto target = target_of(line)) return Split{false, "", std::move(target)};
  for (std::size_t at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1)) {
    const std::string_view rest = line.substr(at + 1);
    const std::string name(trimmed(line.substr(0, at)));
    if (name.empty() || holds_key(name)) continue;
    if (rest.starts_with(' ') || rest.starts_with('\t')) {
      if (auto target = target_of(rest)) return Split{true, name, std::move(target)};
    }
    if (trimmed(rest).empty()) return Split{true, name, std::nullopt};
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const std::string& name, std::string_view text, TableFile& file)
      : name_(name), text_(text), quotes_(text), file_(file) {
    file_.name = name;
  }

  void read() {
    int number = 0;
    for (const std::string_view raw : lines_of(text_)) {
      here_ = {name_, ++number};
      const std::string_view line = trimmed(raw);
      if (line.empty() || line.front() == '#') continue;
      if (line == "No devices found") continue;
      take(line);
    }
  }

 private:
  void note(Note::Kind kind, std::string text) { file_.notes.push_back({kind, here_, std::move(text)}); }

  void take(std::string_view line) {
    if (take_property(line)) return;
    if (auto found = split(line)) return take_split(std::move(*found));
    if (is_concise(line)) return take_concise(line);
    note(Note::Kind::error,
         fmt::format("{} is no line of a table; those are [NAME:] START LENGTH TYPE ARGUMENTS",
                     quotes_.of(line)));
  }

  // The blocks of `dmsetup table -v` and `dmsetup info`: "Name:   a", "Major, minor:      253, 0".
  bool take_property(std::string_view line) {
    if (const auto value = property(line, "Name")) {
      begin_device(std::string(*value));
      in_block_ = true;
      return true;
    }
    if (!in_block_) return false;
    if (const auto value = property(line, "Major, minor")) {
      const auto numbers = two_numbers(*value, ',');
      if (device_ != none && numbers) {
        file_.devices[device_].major = numbers->first;
        file_.devices[device_].minor = numbers->second;
      }
      return true;
    }
    if (const auto value = property(line, "UUID")) {
      if (device_ != none) file_.devices[device_].uuid = std::string(*value);
      return true;
    }
    if (const auto value = property(line, "State")) {
      if (device_ != none)
        file_.devices[device_].read_only = value->find("READ-ONLY") != std::string_view::npos;
      return true;
    }
    return std::any_of(other_properties.begin(), other_properties.end(),
                       [&](std::string_view name) { return property(line, name).has_value(); });
  }

  void take_split(Split found) {
    if (found.named) {
      in_block_ = false;
      const bool goes_on = device_ != none && file_.devices[device_].name == found.name && found.target &&
                           (found.target->start != 0 || file_.devices[device_].lines.empty());
      if (!goes_on) begin_device(found.name);
    } else if (!in_block_ && (device_ == none || named_ || found.target->start == 0)) {
      begin_nameless();
    }
    named_ = found.named || in_block_;
    if (!found.target) return;
    if (device_ == none) return note(Note::Kind::error, "this belongs to a device that is defined twice");
    file_.devices[device_].lines.push_back({here_, *std::move(found.target)});
  }

  void take_concise(std::string_view line) {
    in_block_ = false;
    for (ConciseDevice& listed : read_concise(line, here_, quotes_, file_.notes)) {
      begin_device(listed.name);
      if (device_ == none) continue;
      TableDevice& device = file_.devices[device_];
      device.uuid = listed.uuid;
      device.minor = listed.minor;
      device.read_only = listed.read_only;
      for (const std::string& text : listed.lines) {
        if (auto target = target_of(text)) {
          device.lines.push_back({here_, *std::move(target)});
        } else {
          note(Note::Kind::error, fmt::format("{}: {} is no line of a table", listed.name, quotes_.of(text)));
        }
      }
    }
    device_ = none;
  }

  void begin_device(const std::string& name) {
    named_ = true;
    device_ = none;
    const std::optional<std::string> mangled = mangled_name(name);
    if (!mangled)
      return note(Note::Kind::error, fmt::format("{} cannot be the name of a device", quotes_.of(name)));
    const auto [known, is_new] = by_name_.emplace(*mangled, file_.devices.size());
    if (!is_new) {
      return note(Note::Kind::left_out,
                  fmt::format("{} is defined a second time; the one of line {} is created", name,
                              file_.devices[known->second].where.line));
    }
    device_ = file_.devices.size();
    file_.devices.push_back(
        {.name = name, .where = here_, .lines = {}, .major = {}, .minor = {}, .uuid = {}});
  }

  void begin_nameless() {
    std::string name = std::filesystem::path(name_ == "-" ? "device" : name_).stem().string();
    if (!mangled_name(name)) name = "device";
    const std::string stem = name;
    const auto is_taken = [&] { return by_name_.contains(*mangled_name(name)); };
    for (; is_taken(); ++nameless_) name = fmt::format("{}-{}", stem, nameless_);
    begin_device(name);
    note(Note::Kind::assumed, fmt::format("this table has no name: its device is called {}", name));
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::array<std::string_view, 5> other_properties = {
      "Read Ahead", "Tables present", "Open count", "Event number", "Number of targets"};

  const std::string& name_;
  std::string_view text_;
  Quotes quotes_;
  TableFile& file_;
  Place here_;
  std::size_t device_ = none;                   // the one whose lines are read
  std::map<std::string, std::size_t> by_name_;  // mangled
  unsigned nameless_ = 2;                       // number of the next table without a name
  bool named_ = false;
  bool in_block_ = false;
};

void check_lines(TableFile& file) {
  for (const TableDevice& device : file.devices) {
    dmcore::sector_t end = 0;
    for (const TableLine& line : device.lines) {
      if (line.target.start != end) {
        const char* what = line.target.start > end ? "a gap" : "an overlap";
        file.notes.push_back({Note::Kind::error, line.where,
                              fmt::format("{}: {}: the line before ends at sector {}, this one begins at {}",
                                          device.name, what, end, line.target.start)});
      }
      end = line.end();
    }
  }
}

}  // namespace

std::optional<std::string> mangled_name(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name == "control" || name.find('/') != std::string::npos)
    return std::nullopt;
  const libdm::MangleResult result =
      libdm::mangle(name, "name", dmcore::ioctl::name_size, libdm::Mangling::automatic);
  if (result.outcome == libdm::MangleResult::Outcome::failed) return std::nullopt;
  return result.outcome == libdm::MangleResult::Outcome::changed ? result.text : name;
}

TableFile parse_tables(const std::string& name, std::string_view text) {
  TableFile file;
  Reader(name, text, file).read();
  check_lines(file);
  return file;
}

}  // namespace sim::tables
