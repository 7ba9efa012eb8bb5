// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/stack.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

#include "dmcore/dm/dm.h"

#include "sim/tables/amounts.h"
#include "sim/tables/disk_names.h"
#include "sim/tables/foreign.h"
#include "sim/tables/minors.h"
#include "sim/text/words.h"

namespace sim::tables {

namespace {

using dmcore::DevT;

constexpr std::uint32_t usual_major = dmcore::DeviceMapper::major;
// A driver without a number of its own gets one of these at boot, the highest that is free; device-mapper,
// virtio's disks and zram are such drivers.
constexpr std::uint32_t dynamic_major_min = 234;
constexpr std::uint32_t dynamic_major_max = 254;

class Understanding {
 public:
  Understanding(Stack& stack, const DeviceList& list, const StackOptions& options)
      : stack_(stack), list_(list), options_(options) {}

  void run() {
    for (std::size_t i = 0; i < devices().size(); ++i) by_name_[*mangled_name(devices()[i].name)] = i;
    stack_.minors.resize(devices().size());
    collect();
    choose_major();
    find_minors();
    resolve_all();
    size_disks();
  }

 private:
  // A device in a table: who, where, and what word.
  struct Mention {
    std::size_t device;
    std::size_t line;
    Reference reference;
    std::string word;
    std::optional<DevT> number;  // if it is one
  };

  [[nodiscard]] const std::vector<TableDevice>& devices() const { return stack_.file.devices; }
  [[nodiscard]] const TableLine& line_of(const Mention& mention) const {
    return devices()[mention.device].lines[mention.line];
  }
  void note(Note::Kind kind, Place where, std::string text) {
    stack_.notes.push_back({kind, std::move(where), std::move(text)});
  }

  // --- what is mentioned ---

  void collect() {
    stack_.words.resize(devices().size());
    for (std::size_t d = 0; d < devices().size(); ++d) {
      stack_.words[d].resize(devices()[d].lines.size());
      for (std::size_t l = 0; l < devices()[d].lines.size(); ++l) {
        const libdm::Target& target = devices()[d].lines[l].target;
        const std::vector<std::string> arguments = arguments_of(target);
        for (const Reference& reference : references_of(target)) {
          const std::string& word = arguments[reference.word];
          mentions_.push_back({d, l, reference, word, parse_device_number(word)});
        }
      }
    }
  }

  [[nodiscard]] const ListedDevice* listed(DevT number) const {
    for (const ListedDevice& device : list_.devices) {
      if (device.minor == number.minor && device.major.value_or(stack_.dm_major) == number.major)
        return &device;
    }
    return nullptr;
  }
  [[nodiscard]] const ListedDevice* listed(std::string_view name) const {
    for (const ListedDevice& device : list_.devices) {
      if (device.name == name) return &device;
    }
    return nullptr;
  }
  [[nodiscard]] std::optional<std::size_t> device_named(const std::string& name) const {
    const std::optional<std::string> mangled = mangled_name(name);
    const auto found = mangled ? by_name_.find(*mangled) : by_name_.end();
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
  }

  // --- device-mapper's major number ---

  void choose_major() {
    if (options_.dm_major) {
      stack_.dm_major = *options_.dm_major;
    } else if (const auto known = major_that_is_known()) {
      stack_.dm_major = *known;
    } else {
      guess_major();
    }
  }

  [[nodiscard]] std::optional<std::uint32_t> major_that_is_known() const {
    for (const auto& [number, name] : options_.said) return number.major;
    for (const TableDevice& device : devices()) {
      if (device.major) return device.major;
    }
    for (const ListedDevice& device : list_.devices) {
      if (device.major && device.mapped && (device_named(device.name) || device.name.starts_with("dm-")))
        return device.major;
    }
    return std::nullopt;
  }

  // The number must be one that the kernel may have chosen, and all that is named with it must be possible.
  void guess_major() {
    stack_.dm_major = usual_major;
    std::vector<std::uint32_t> possible;
    std::map<std::uint32_t, const Mention*> first;
    for (const Mention& mention : mentions_) {
      if (mention.number && mention.number->major >= dynamic_major_min &&
          mention.number->major <= dynamic_major_max)
        first.emplace(mention.number->major, &mention);
    }
    for (const auto& [major, mention] : first) {
      if (minors_are_possible(question(major))) possible.push_back(major);
    }
    if (possible.empty()) return;
    const bool usual = std::find(possible.begin(), possible.end(), usual_major) != possible.end();
    if (!usual && possible.size() > 1) return;
    stack_.dm_major = usual ? usual_major : possible.front();
    note(Note::Kind::assumed, line_of(*first[stack_.dm_major]).where,
         fmt::format("{} is device-mapper's major number there; --dm-major says another", stack_.dm_major));
  }

  // --- minor numbers ---

  [[nodiscard]] MinorQuestion question(std::uint32_t major) const {
    MinorQuestion question;
    question.file = &stack_.file;
    question.major = major;
    for (const Mention& mention : mentions_) {
      if (const auto minor = minor_in(mention, major))
        question.uses.push_back({*minor, mention.device, line_of(mention).where, mention.reference});
      if (const auto device = device_named(name_in_path(mention.word)))
        question.edges.emplace_back(mention.device, *device);
    }
    for (std::size_t i = 0; i < devices().size(); ++i) {
      if (devices()[i].minor) question.known[*devices()[i].minor] = i;
    }
    return question;
  }

  // "253:3" and "/dev/dm-3".
  [[nodiscard]] static std::optional<std::uint32_t> minor_in(const Mention& mention, std::uint32_t major) {
    if (mention.number) {
      if (mention.number->major != major) return std::nullopt;
      return mention.number->minor;
    }
    constexpr std::string_view prefix = "/dev/dm-";
    if (!mention.word.starts_with(prefix)) return std::nullopt;
    const auto number = parse_device_number(
        fmt::format("{}:{}", major, std::string_view(mention.word).substr(prefix.size())));
    if (!number) return std::nullopt;
    return number->minor;
  }

  void find_minors() {
    MinorQuestion asked = question(stack_.dm_major);
    for (const ListedDevice& device : list_.devices) {
      if (device.major.value_or(stack_.dm_major) != stack_.dm_major) continue;
      if (const auto index = device_named(device.name)) asked.known[device.minor] = *index;
    }
    for (const auto& [number, name] : options_.said) {
      if (const auto index = device_named(name)) {
        asked.known[number.minor] = *index;
      } else {
        note(Note::Kind::error, {stack_.file.name, 0},
             fmt::format("no device is called {}, which is said to be {}", name, to_string(number)));
      }
    }
    leave_absent_ones_alone(asked);
    infer_minors(asked, stack_.notes);
    known_ = asked.known;
    for (const auto& [minor, device] : known_) stack_.minors[device] = minor;
  }

  // The list may tell that a number is none of the file's devices.
  void leave_absent_ones_alone(MinorQuestion& asked) {
    std::set<std::uint32_t> told;
    std::erase_if(asked.uses, [&](const MinorUse& use) {
      const ListedDevice* known = listed(DevT{stack_.dm_major, use.minor});
      if (known == nullptr || asked.known.contains(use.minor) || known->name.starts_with("dm-")) return false;
      if (told.insert(use.minor).second) {
        note(Note::Kind::replaced, use.where,
             fmt::format("{}:{} is {}, which is not in the file: a disk stands in for it", stack_.dm_major,
                         use.minor, known->name));
      }
      return true;
    });
  }

  // --- words to devices and disks ---

  void resolve_all() {
    for (const Mention& mention : mentions_)
      stack_.words[mention.device][mention.line].push_back({mention.reference, resolve(mention)});
  }

  Referent resolve(const Mention& mention) {
    if (const auto minor = minor_in(mention, stack_.dm_major)) {
      const auto known = known_.find(*minor);
      if (known != known_.end()) return {Referent::Kind::device, known->second};
      return disk(fmt::format("missing-{}-{}", stack_.dm_major, *minor), DevT{stack_.dm_major, *minor},
                  mention, true);
    }
    if (mention.number) {
      const ListedDevice* known = listed(*mention.number);
      const std::string name = known != nullptr ? fit_for_disk(known->name) : disk_name(*mention.number);
      return disk(name, mention.number, mention, false);
    }
    const std::string name = name_in_path(mention.word);
    if (name.empty()) return {};
    if (const auto device = device_named(name)) return {Referent::Kind::device, *device};
    const ListedDevice* known = listed(name);
    const std::optional<DevT> number =
        known != nullptr && known->major ? std::optional(DevT{*known->major, known->minor}) : std::nullopt;
    return disk(fit_for_disk(name), number, mention, name.find("-stand-in") != std::string::npos);
  }

  // A disk is known by its number, or by its name if it has none.
  Referent disk(std::string name, std::optional<DevT> number, const Mention& mention, bool stand_in) {
    for (std::size_t i = 0; i < stack_.disks.size(); ++i) {
      NeededDisk& other = stack_.disks[i];
      const bool same = number && other.number ? *number == *other.number : name == other.name;
      if (!same) continue;
      if (!other.number) other.number = number;
      grow(other, mention);
      return {Referent::Kind::disk, i};
    }
    while (std::any_of(stack_.disks.begin(), stack_.disks.end(),
                       [&](const NeededDisk& other) { return other.name == name; }))
      name += "-";
    NeededDisk made{std::move(name), number, 0, false, stand_in};
    grow(made, mention);
    stack_.disks.push_back(std::move(made));
    if (!number && !stand_in) {
      note(Note::Kind::assumed, line_of(mention).where,
           fmt::format("{} is a disk: no device of the file has that name", mention.word));
    }
    return {Referent::Kind::disk, stack_.disks.size() - 1};
  }

  static void grow(NeededDisk& disk, const Mention& mention) {
    disk.sectors = std::max(disk.sectors, mention.reference.wanted);
  }

  // --- sizes ---

  // A size that somebody measured counts, even if it is too small; one that was rounded only if it is not.
  void size_disks() {
    for (NeededDisk& disk : stack_.disks) {
      const ListedDevice* known = disk.number ? listed(*disk.number) : listed(disk.name);
      if (known == nullptr) continue;
      disk.read_only = known->read_only;
      if (!known->sectors) continue;
      if (known->rounded) {
        disk.sectors = std::max(disk.sectors, *known->sectors);
        note(Note::Kind::assumed, known->where,
             fmt::format("{} has {} sectors: its size was rounded (lsblk -b prints all digits)", disk.name,
                         disk.sectors));
      } else {
        disk.sectors = *known->sectors;
      }
    }
  }

  Stack& stack_;
  const DeviceList& list_;
  const StackOptions& options_;
  std::map<std::string, std::size_t> by_name_;  // mangled
  std::vector<Mention> mentions_;
  std::map<std::uint32_t, std::size_t> known_;
};

}  // namespace

Stack understand(TableFile file, const DeviceList& list, const StackOptions& options) {
  Stack stack;
  replace_foreign_targets(file, options.leave_out, stack.left_out);
  stack.file = std::move(file);
  stack.notes = stack.file.notes;
  stack.notes.insert(stack.notes.end(), list.notes.begin(), list.notes.end());
  Understanding(stack, list, options).run();
  return stack;
}

}  // namespace sim::tables
