// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/bring_up.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>

#include "dmcore/dm/dm.h"

#include "sim/machine/machine.h"
#include "sim/tables/amounts.h"
#include "sim/tables/foreign.h"
#include "sim/tables/order.h"
#include "sim/text/words.h"

namespace sim::tables {

namespace {

constexpr std::uint32_t our_major = dmcore::DeviceMapper::major;

class BringingUp {
 public:
  BringingUp(const Stack& stack, Bench& bench, const BringUpOptions& options)
      : stack_(stack), bench_(bench), options_(options) {}

  BroughtUp run() {
    const Order order = creation_order(stack_);
    result_.notes = order.notes;
    choose_minors();
    up_.assign(devices().size(), false);
    stand_ins_.resize(devices().size());
    for (const NeededDisk& disk : stack_.disks) make_disk(disk);
    for (const std::size_t device : order.devices) make_device(device);
    return std::move(result_);
  }

 private:
  [[nodiscard]] const std::vector<TableDevice>& devices() const { return stack_.file.devices; }
  void note(Note::Kind kind, const Place& where, std::string text) {
    result_.notes.push_back({kind, where, std::move(text)});
  }

  // If the number of one device is known, all get one, so that none takes another's.
  void choose_minors() {
    minors_ = stack_.minors;
    std::set<std::uint32_t> taken;
    for (const auto& minor : minors_) {
      if (minor) taken.insert(*minor);
    }
    if (taken.empty()) return;
    std::uint32_t next = 0;
    for (auto& minor : minors_) {
      if (minor) continue;
      while (!taken.insert(next).second) ++next;
      minor = next;
    }
  }

  // --- disks ---

  void make_disk(const NeededDisk& disk) {
    if (bench_.has_disk(disk.name)) {
      note(Note::Kind::told, {stack_.file.name, 0}, fmt::format("the disk {} is there already", disk.name));
      numbers_kept_.push_back(false);
      return;
    }
    const bool keeps_number = disk.number && !disk.stand_in && Machine::may_be_disk(*disk.number);
    std::string command = fmt::format("disk {} {}s", shlex_quote(disk.name), disk.sectors);
    if (keeps_number) command += fmt::format(" number={}", to_string(*disk.number));
    if (disk.read_only) command += " ro";
    numbers_kept_.push_back(run(command + options_.disk_options, disk.name) && keeps_number);
  }

  bool run(const std::string& command, const std::string& what) {
    const Bench::Result result = bench_.run(command);
    if (result.ok) {
      result_.commands.push_back(command);
    } else {
      note(Note::Kind::error, {stack_.file.name, 0}, fmt::format("{}: {}", what, result.error));
    }
    return result.ok;
  }

  // --- devices ---

  void make_device(std::size_t index) {
    const TableDevice& device = devices()[index];
    BroughtUp::Device made{index, false, {}, {}, {}};
    if (!stack_.left_out[index] && provide_below(index)) {
      made.below = names_below(index);
      made.command = create_command(index);
      const Bench::Result result = bench_.run(made.command);
      made.up = up_[index] = result.ok;
      made.log = result.log;
      if (result.ok) {
        result_.commands.push_back(made.command);
        // Warnings.
        for (const std::string& line : result.log) note(Note::Kind::told, device.where, line);
      } else {
        for (const std::string& line : result.log) note(Note::Kind::refused, device.where, line);
        if (result.log.empty()) note(Note::Kind::refused, device.where, result.error);
      }
    }
    result_.devices.push_back(std::move(made));
  }

  // False if a device that it stands on is missing and shall not be replaced.
  bool provide_below(std::size_t index) {
    for (const auto& line : stack_.words[index]) {
      for (const UsedWord& word : line) {
        if (word.referent.kind != Referent::Kind::device || up_[word.referent.index]) continue;
        const TableDevice& missing = devices()[word.referent.index];
        if (options_.leave_out) {
          note(Note::Kind::left_out, devices()[index].where,
               fmt::format("{} stands on {}, which is missing", devices()[index].name, missing.name));
          return false;
        }
        if (!stand_ins_[word.referent.index]) make_stand_in(word.referent.index);
      }
    }
    return true;
  }

  void make_stand_in(std::size_t index) {
    const TableDevice& missing = devices()[index];
    const std::string name = stand_in_name(missing.name);
    run(fmt::format("disk {} {}s{}", shlex_quote(name), missing.length(), options_.disk_options), name);
    stand_ins_[index] = name;
    note(Note::Kind::replaced, missing.where,
         fmt::format("{} is missing: {}, a disk of {}, stands in for it below others", missing.name, name,
                     amount(missing.length())));
  }

  [[nodiscard]] std::vector<std::string> names_below(std::size_t index) const {
    std::vector<std::string> names;
    for (const auto& line : stack_.words[index]) {
      for (const UsedWord& word : line) {
        if (word.referent.kind == Referent::Kind::nothing) continue;
        std::string name = name_of(word.referent);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
      }
    }
    return names;
  }

  [[nodiscard]] std::string name_of(const Referent& referent) const {
    if (referent.kind == Referent::Kind::disk) return stack_.disks[referent.index].name;
    return stand_ins_[referent.index].value_or(devices()[referent.index].name);
  }

  [[nodiscard]] std::string create_command(std::size_t index) const {
    const TableDevice& device = devices()[index];
    std::string command = "dmsetup create";
    const bool looks_like_option = device.name.starts_with('-');
    if (!looks_like_option) command += " " + shlex_quote(device.name);
    if (device.read_only) command += " --readonly";
    if (!device.uuid.empty()) command += " --uuid " + shlex_quote(device.uuid);
    if (minors_[index]) command += fmt::format(" -j {} -m {}", our_major, *minors_[index]);
    command += device.lines.empty() ? " --notable" : " --table " + shlex_quote(table_of(index));
    if (looks_like_option) command += " -- " + shlex_quote(device.name);
    return command;
  }

  [[nodiscard]] std::string table_of(std::size_t index) const {
    std::string table;
    for (std::size_t l = 0; l < devices()[index].lines.size(); ++l) {
      const libdm::Target& target = devices()[index].lines[l].target;
      const std::string params = params_of(target, stack_.words[index][l]);
      table += fmt::format("{}{} {} {}{}{}", table.empty() ? "" : "\n", target.start, target.length,
                           target.type, params.empty() ? "" : " ", params);
    }
    return table;
  }

  // As they are in the file, unless a device has another number here.
  [[nodiscard]] std::string params_of(const libdm::Target& target, const std::vector<UsedWord>& used) const {
    std::vector<std::string> words = arguments_of(target);
    bool changed = false;
    for (const UsedWord& word : used) {
      std::string& text = words[word.reference.word];
      std::string here = word_here(text, word.referent);
      changed = changed || here != text;
      text = std::move(here);
    }
    return changed ? join_arguments(words) : target.params;
  }

  [[nodiscard]] std::string word_here(const std::string& word, const Referent& referent) const {
    switch (referent.kind) {
      case Referent::Kind::nothing:
        return word;
      case Referent::Kind::disk: {
        const NeededDisk& disk = stack_.disks[referent.index];
        const bool number_is_good = numbers_kept_[referent.index] && word == to_string(*disk.number);
        return number_is_good ? word : "/dev/" + disk.name;
      }
      case Referent::Kind::device:
        break;
    }
    if (const auto& stand_in = stand_ins_[referent.index]) return "/dev/" + *stand_in;
    const auto minor = minors_[referent.index];
    if (minor && word == fmt::format("{}:{}", our_major, *minor)) return word;
    return "/dev/mapper/" + *mangled_name(devices()[referent.index].name);
  }

  const Stack& stack_;
  Bench& bench_;
  const BringUpOptions& options_;
  std::vector<std::optional<std::uint32_t>> minors_;
  std::vector<bool> numbers_kept_;                     // of each disk
  std::vector<bool> up_;                               // of each device
  std::vector<std::optional<std::string>> stand_ins_;  // of each device: a disk
  BroughtUp result_;
};

}  // namespace

BroughtUp bring_up(const Stack& stack, Bench& bench, const BringUpOptions& options) {
  return BringingUp(stack, bench, options).run();
}

}  // namespace sim::tables
