// SPDX-License-Identifier: GPL-2.0-or-later
// What is set up after a cut, and what it must hold then.
#include <algorithm>
#include <fmt/format.h>

#include "sim/explore/add_once.h"
#include "sim/explore/crash_search.h"
#include "sim/explore/devices.h"
#include "sim/explore/stack.h"
#include "sim/text/split.h"

namespace sim::explore {

namespace {

std::string text_of(const SectorSet& sectors) {
  std::string text;
  for (const auto& range : sectors) text += fmt::format("{}-{} ", range.lower(), range.upper());
  return text;
}

bool fails_on_purpose(const Device& device) {
  return std::any_of(device.table.begin(), device.table.end(), [](const host::Target& target) {
    return target.type == "error" || loses_writes(target);
  });
}

}  // namespace

// Not if it is something else of a clone as well: then the user wants it to be written.
bool is_source(const Devices& devices, std::uint32_t disk) {
  bool source = false;
  for (const Device& device : devices) {
    for (const CloneDisks& clone : device.clones) {
      if (clone.metadata == disk || clone.destination == disk) return false;
      source = source || clone.source == disk;
    }
  }
  return source;
}

bool same_device(const Device& a, const Device& b) {
  const auto identity = [](const Device& device) {
    std::string all;
    for (const host::Target& target : device.table) {
      std::vector<std::string_view> words = words_of(target.params);
      constexpr std::size_t identifying = 4;  // metadata, destination, source, region size
      if (target.type == "clone" && words.size() > identifying) words.resize(identifying);
      all += fmt::format("{} {} {} {}\n", target.start, target.length, target.type, fmt::join(words, " "));
    }
    return all;
  };
  return identity(a) == identity(b);
}

// What is set up after a cut between two moments at which the devices were looked at: those that were there,
// and those that were about to be.
CrashSearch::Program& CrashSearch::program_of(std::uint32_t now, std::uint32_t next) {
  const auto [place, made] = programs_.try_emplace({now, next});
  Program& program = place->second;
  if (!made) return program;
  program.number = programs_.size();
  program.devices = run_.devices[now];
  for (const Device& device : run_.devices[next]) {
    const auto same = std::find_if(program.devices.begin(), program.devices.end(),
                                   [&](const Device& other) { return other.name == device.name; });
    if (same == program.devices.end()) {
      program.devices.push_back(device);
    } else {
      same->used = same->used || device.used;
    }
  }
  std::string key;
  for (const Disk& disk : run_.disks)
    key += fmt::format("{} {} {}\n", disk.name, disk.size_bytes, text_of(disk.metadata));
  for (const Device& device : program.devices) {
    key += fmt::format("{} {} {} {}\n", device.name, device.minor, device.read_only, device.used);
    for (const host::Target& target : device.table) {
      key += fmt::format("{} {} {} {}\n", target.start, target.length, target.type, target.params);
    }
    for (const CloneDisks& clone : device.clones) {
      if (clone.destination && clone.destination != clone.source)
        program.destinations.push_back(*clone.destination);
      if (clone.source && is_source(program.devices, *clone.source)) program.sources.push_back(*clone.source);
    }
  }
  CrashExplorer::Tree& tree = explorer_.trees_[key];
  if (tree.tree == nullptr) {
    tree.disks = run_.disks;
    tree.devices = program.devices;
    tree.tree = std::make_unique<RecoveryTree>([this_explorer = &explorer_, &tree](const AnswerRead& answer) {
      auto leaf = std::make_unique<Leaf>(this_explorer->contents_);
      ++this_explorer->recoveries_;
      run_recovery(this_explorer->contents_, this_explorer->kind_, tree.disks, tree.devices, answer,
                   leaf->recovery);
      return leaf;
    });
  }
  program.tree = tree.tree.get();
  program.fails_on_purpose = std::any_of(program.devices.begin(), program.devices.end(), fails_on_purpose);
  return program;
}

// Whether devices that are there get others above them.
bool CrashSearch::covers(std::uint32_t now, std::uint32_t next) const {
  const Devices& later = run_.devices[next];
  return std::any_of(run_.devices[now].begin(), run_.devices[now].end(), [&](const Device& device) {
    return !device.used && std::any_of(later.begin(), later.end(), [&](const Device& other) {
      return other.name == device.name && other.used;
    });
  });
}

// Whether a device that was there before these, and will be there again, will be another one then.
bool CrashSearch::replaces(std::uint32_t now, std::uint32_t next) const {
  const auto named = [&](std::uint32_t number, const std::string& name) {
    const Devices& devices = run_.devices[number];
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const Device& device) { return device.name == name; });
    return found == devices.end() ? nullptr : &*found;
  };
  return std::any_of(
      run_.devices[state_.before].begin(), run_.devices[state_.before].end(), [&](const Device& device) {
        const Device* later = named(next, device.name);
        return named(now, device.name) == nullptr && later != nullptr && !same_device(device, *later);
      });
}

// What is set up after a cut that follows the event: with the devices that the next command makes. Only
// before it runs they are not if they hide what is there; and what was there before comes back, not another
// device of its name.
CrashSearch::Program& CrashSearch::program_after(std::uint32_t number) {
  const std::uint32_t change = next_change_[number + 1];
  if (change == run_.trace.events().size()) return program_of(state_.devices, state_.devices);
  const std::uint32_t next = run_.trace.events()[change].operation;
  if (run_.lines[number] != run_.lines[change]) {
    if (covers(state_.devices, next)) return program_of(state_.devices, state_.devices);
    if (replaces(state_.devices, next)) return program_of(state_.devices, state_.before);
  }
  return program_of(state_.devices, next);
}

// What a device holds now, if nothing is lost but what programs wrote to disks and did not flush.
CrashSearch::DeviceContent CrashSearch::content_now(Program& program, std::size_t device) {
  DeviceContent content;
  const auto newest = [&](std::uint32_t disk, std::uint32_t block, std::vector<BlockContent>& out) {
    out.resize(1);
    for (std::uint32_t i = 0; i < block_sectors; ++i)
      out[0][i] = state_.disks[disk].newest(block * block_sectors + i);
  };
  program.tree->visit(newest, [&](Leaf& leaf) {
    if (device >= leaf.recovery.seen.size()) return;
    for (const ContentId seen : leaf.recovery.seen[device]) {
      const Token token = Contents::token(seen);
      const bool copy = Contents::is_token(seen) && contains(program.destinations, token.disk);
      content.hydrated.push_back(copy);
      content.sectors.push_back(copy ? std::vector{state_.disks[token.disk].newest(token.sector)}
                                     : expand(state_.disks, seen));
    }
  });
  return content;
}

// The clone that a device is, or that it shows as it is, through linear devices over all of it.
const CloneDisks* CrashSearch::clone_under(const Devices& devices, const Device& device) {
  if (device.as_clone() != nullptr) return device.as_clone();
  if (device.table.size() != 1 || device.table.front().type != "linear" || device.below.size() != 1)
    return nullptr;
  if (!device.table.front().params.ends_with(" 0")) return nullptr;
  const auto below = std::find_if(devices.begin(), devices.end(), [&](const Device& other) {
    return other.number() == device.below.front() && other.sectors == device.sectors;
  });
  return below == devices.end() ? nullptr : clone_under(devices, *below);
}

// `content`: of the device now. What is not hydrated is the source's, through whatever devices; what is
// hydrated is not copied any more.
Contract::Clone CrashSearch::clone_of(const Device& device, const DeviceContent& content) const {
  Contract::Clone clone;
  const CloneDisks* disks = clone_under(run_.devices[state_.devices], device);
  if (disks == nullptr) return clone;
  clone.region_sectors = disks->region_sectors;
  clone.copies_over_discards = explorer_.kind_.excepts(dmcore::Fix::discard_under_copy);
  clone.early_fua_writes = !disks->destination_caches && explorer_.kind_.excepts(dmcore::Fix::fua_overwrite);
  clone.source = content.sectors;
  // What the destination holds, or held when the run began.
  clone.destination = disks->destination;
  if (!clone.destination) return clone;
  clone.beneath.resize(device.sectors);
  clone.replaced.resize(device.sectors);
  const std::vector<ContentId>& first = run_.contents[*clone.destination];
  for (std::uint32_t sector = 0; sector < device.sectors; ++sector) {
    state_.disks[*clone.destination].candidates(sector, clone.beneath[sector]);
    if (sector < content.hydrated.size() && !content.hydrated[sector])
      clone.replaced[sector] = clone.beneath[sector];
    add_once(clone.beneath[sector], sector < first.size() ? first[sector] : Contents::zeroes);
  }
  return clone;
}

// What programs write to a device through another one above it, no contract of its own knows.
void CrashSearch::note_covered(const Devices& devices) {
  for (const Device& device : devices) {
    if (!device.used || !state_.covered.insert(device.name).second) continue;
    std::erase_if(state_.judged, [&](const Judged& judged) { return judged.name == device.name; });
  }
}

// `event`: its number.
void CrashSearch::take_devices(std::uint32_t event) {
  const std::uint32_t number = run_.trace.events()[event].operation;
  const Devices& before = run_.devices[state_.devices];
  const Devices& devices = run_.devices[number];
  state_.before = std::exchange(state_.devices, number);
  for (const Device& device : devices) {
    if (device.clones.empty() || std::find(before.begin(), before.end(), device) != before.end()) continue;
    for (const dmcore::DevT used : all_below(devices, device)) state_.rewritten.erase(used);
  }
  begin_era();
  note_closed(devices);
  note_covered(devices);
  if (!devices.empty()) note_devices(program_of(number, number), event);
}

// Of a device that is there from that event on. A clone copies as soon as it is set up, or did before under
// another device.
Contract CrashSearch::contract_of(const Device& device, const DeviceContent& content,
                                  std::uint32_t event) const {
  Contract contract(content.sectors, clone_of(device, content));
  for (std::uint32_t i = 0; i < event; ++i) contract.apply_to_disk(run_.trace, run_.trace.events()[i]);
  return contract;
}

// Contracts begin when a device is there for the first time, with that event.
void CrashSearch::note_devices(Program& program, std::uint32_t event) {
  std::size_t number = 0;
  for (const Device& device : program.devices) {
    if (device.used) continue;
    const std::size_t index = number++;
    if (state_.covered.contains(device.name)) {
      add_once(report_.not_judged, fmt::format("{}: it was below another device before", device.name));
      continue;
    }
    Judged* known = judged_device(device.name);
    if (const std::string_view type = target_that_loses(program.devices, device); !type.empty()) {
      const std::string reason = fmt::format("it is on a target that may lose what is written, {}", type);
      if (known != nullptr) {
        known->not_judged = reason;
      } else {
        add_once(report_.not_judged, fmt::format("{}: {}", device.name, reason));
      }
      continue;
    }
    if (known != nullptr && same_device(known->device, device)) continue;
    if (known != nullptr)
      std::erase_if(state_.judged, [&](const Judged& judged) { return judged.name == device.name; });
    const DeviceContent content = content_now(program, index);
    state_.judged.push_back({device.name, device, contract_of(device, content, event), {}, ++judged_ever_});
    state_.judged.back().contract.set_journal(journal_);
  }
}

// A clone copies as long as it is there itself, also when the device above it that was judged is not.
void CrashSearch::note_closed(const Devices& devices) {
  for (Judged& judged : state_.judged) {
    const auto copies_there = [&](const CloneDisks& clone) {
      return clone.destination && clone.destination == judged.contract.destination();
    };
    const auto copies = [&](const Device& device) {
      return std::any_of(device.clones.begin(), device.clones.end(), copies_there);
    };
    if (std::none_of(devices.begin(), devices.end(), copies)) judged.contract.closed();
  }
}

// Of a disk, or of a device that is there.
std::optional<dmcore::DevT> CrashSearch::number_of(const std::string& name) const {
  for (const Disk& disk : run_.disks) {
    if (disk.name == name) return disk.number;
  }
  for (const Device& device : run_.devices[state_.devices]) {
    if (device.name == name) return device.number();
  }
  return std::nullopt;
}

// The disks to whose metadata a program writes with this, itself or through a device. What a clone makes of
// its own is not meant.
std::set<dmcore::DevT> CrashSearch::metadata_under(const Operation& operation) const {
  std::set<dmcore::DevT> found;
  const std::optional<dmcore::DevT> number = number_of(operation.device);
  const Devices& devices = run_.devices[state_.devices];
  if (!number || std::any_of(devices.begin(), devices.end(), [&](const Device& device) {
        return device.name == operation.device && !device.clones.empty();
      }))
    return found;
  for_each_range_below(
      devices, *number, operation.first, operation.count,
      [&](dmcore::DevT below, std::uint64_t first, std::uint64_t count) {
        const std::uint64_t end = std::min(first + count, sectors_everywhere - 1);
        for (const Disk& disk : run_.disks) {
          if (disk.number == below && boost::icl::intersects(disk.metadata, sector_range(first, end)))
            found.insert(below);
        }
      });
  return found;
}

// A program that writes to a disk below a device, or to a device below another one, breaks the contract
// itself; and metadata that it writes are others.
void CrashSearch::note_raw_write(const Operation& operation) {
  if (operation.kind == host::IoWitness::Kind::flush || judged_device(operation.device) != nullptr) return;
  const std::set<dmcore::DevT> metadata = metadata_under(operation);
  if (state_.judged.empty() && metadata.empty()) return;
  if (journal_.on()) {
    std::vector<std::string> not_judged;
    for (const Judged& judged : state_.judged) not_judged.push_back(judged.not_judged);
    journal_.note([this, before = std::tuple(state_.written_directly, state_.committed, state_.rewritten,
                                             std::move(not_judged))] {
      std::vector<std::string> reasons;
      std::tie(state_.written_directly, state_.committed, state_.rewritten, reasons) = before;
      for (std::size_t i = 0; i < reasons.size(); ++i) state_.judged[i].not_judged = reasons[i];
      begin_era();
    });
  }
  state_.written_directly.insert(operation.device);
  state_.committed.clear();
  state_.rewritten.insert(metadata.begin(), metadata.end());
  for (Judged& judged : state_.judged) {
    if (!judged.not_judged.empty()) continue;
    judged.not_judged = fmt::format("{} is written directly", operation.device);
    begin_era();
  }
}

}  // namespace sim::explore
