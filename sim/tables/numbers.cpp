// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/numbers.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "dmcore/dm/dm.h"

#include "sim/tables/disk_names.h"
#include "sim/tables/minors.h"

namespace sim::tables {

namespace {

using dmcore::DevT;

constexpr std::uint32_t usual_major = dmcore::DeviceMapper::major;
// A driver without a number of its own gets one of these at boot, the highest that is free; device-mapper,
// virtio's disks and zram are such drivers.
constexpr std::uint32_t dynamic_major_min = 234;
constexpr std::uint32_t dynamic_major_max = 254;

class Numbers {
 public:
  Numbers(Stack& stack, const std::vector<Mention>& mentions, const DeviceNames& names, const ListIndex& list,
          const StackOptions& options)
      : stack_(stack), mentions_(mentions), names_(names), list_(list), options_(options) {}

  DevicesByMinor run() {
    choose_major();
    return find_minors();
  }

 private:
  [[nodiscard]] const Place& where(const Mention& mention) const {
    return stack_.devices[mention.device].lines[mention.line].where;
  }
  void note(Note::Kind kind, Place place, std::string text) {
    stack_.notes.push_back({kind, std::move(place), std::move(text)});
  }

  // --- the major number

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
    if (!options_.said.empty()) return options_.said.front().first.major;
    for (const StackDevice& device : stack_.devices) {
      if (device.major) return device.major;
    }
    for (const ListedDevice& device : list_.devices()) {
      if (device.major && device.mapped && (names_.find(device.name) || device.name.starts_with("dm-")))
        return device.major;
    }
    return std::nullopt;
  }

  // The number must be one that the kernel may have chosen, and all that is named with it must be possible.
  void guess_major() {
    stack_.dm_major = usual_major;
    std::map<std::uint32_t, const Mention*> first;
    for (const Mention& mention : mentions_) {
      if (mention.number && mention.number->major >= dynamic_major_min &&
          mention.number->major <= dynamic_major_max)
        first.emplace(mention.number->major, &mention);
    }
    std::vector<std::uint32_t> possible;
    for (const auto& [major, mention] : first) {
      if (minors_are_possible(question(major))) possible.push_back(major);
    }
    if (possible.empty()) return;
    const bool usual = std::find(possible.begin(), possible.end(), usual_major) != possible.end();
    if (!usual && possible.size() > 1) return;
    stack_.dm_major = usual ? usual_major : possible.front();
    note(Note::Kind::assumed, where(*first[stack_.dm_major]),
         fmt::format("{} is device-mapper's major number there; --dm-major sets another", stack_.dm_major));
  }

  // --- minor numbers

  [[nodiscard]] MinorQuestion question(std::uint32_t major) const {
    MinorQuestion question{.stack = &stack_, .major = major};
    for (const Mention& mention : mentions_) {
      if (const auto minor = mention.minor_under(major))
        question.uses.push_back({*minor, mention.device, where(mention), mention.reference});
      if (const auto device = names_.find(name_in_path(mention.word)))
        question.edges.emplace_back(mention.device, *device);
    }
    for (std::size_t i = 0; i < stack_.devices.size(); ++i) {
      if (stack_.devices[i].minor) question.known[*stack_.devices[i].minor] = i;
    }
    return question;
  }

  DevicesByMinor find_minors() {
    MinorQuestion asked = question(stack_.dm_major);
    for (const ListedDevice& device : list_.devices()) {
      if (device.major.value_or(stack_.dm_major) != stack_.dm_major) continue;
      if (const auto index = names_.find(device.name)) asked.known[device.minor] = *index;
    }
    for (const auto& [number, name] : options_.said) {
      if (const auto index = names_.find(name)) {
        asked.known[number.minor] = *index;
      } else {
        note(Note::Kind::error, {stack_.file_name, 0},
             fmt::format("there is no device {}, which is to be {}", name, to_string(number)));
      }
    }
    leave_absent_ones_alone(asked);
    infer_minors(asked, stack_.notes);
    for (const auto& [minor, device] : asked.known) stack_.devices[device].minor = minor;
    return std::move(asked.known);
  }

  // The list may show that a number belongs to none of the file's devices.
  void leave_absent_ones_alone(MinorQuestion& asked) {
    std::set<std::uint32_t> told;
    std::erase_if(asked.uses, [&](const MinorUse& use) {
      const ListedDevice* known = list_.find(DevT{stack_.dm_major, use.minor}, stack_.dm_major);
      if (known == nullptr || asked.known.contains(use.minor) || known->name.starts_with("dm-")) return false;
      if (told.insert(use.minor).second) {
        note(Note::Kind::replaced, use.where,
             fmt::format("{}:{} is {}, which is not in the file: a disk stands in for it", stack_.dm_major,
                         use.minor, known->name));
      }
      return true;
    });
  }

  Stack& stack_;
  const std::vector<Mention>& mentions_;
  const DeviceNames& names_;
  const ListIndex& list_;
  const StackOptions& options_;
};

}  // namespace

DevicesByMinor find_numbers(Stack& stack, const std::vector<Mention>& mentions, const DeviceNames& names,
                            const ListIndex& list, const StackOptions& options) {
  return Numbers(stack, mentions, names, list, options).run();
}

}  // namespace sim::tables
