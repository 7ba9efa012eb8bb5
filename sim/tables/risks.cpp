// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel accepts and a user may regret.
#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "dmclone/dialect.h"
#include "dmclone/metadata.h"

#include "sim/tables/amounts.h"
#include "sim/tables/explain.h"
#include "sim/tables/metadata_size.h"

namespace sim::tables {

namespace {

class Risks {
 public:
  Risks(const Stack& stack, const DeviceList& list) : stack_(stack), list_(list) {}

  Notes run() {
    for (const StackDevice& device : stack_.devices) {
      for (const StackLine& line : device.lines) {
        here_ = line.where;
        if (line.given.type == "clone") look_at_clone(device, line);
      }
    }
    return std::move(notes_);
  }

 private:
  void risk(std::string text) { notes_.push_back({Note::Kind::risk, here_, std::move(text)}); }

  void look_at_clone(const StackDevice& device, const StackLine& line) {
    const std::vector<ArgumentWord> words = argument_words_of(line.given, *stack_.dialect);
    look_at_words(words);
    for (const UsedDevice& use : line.uses) {
      switch (use.reference.role) {
        case Role::metadata:
          look_at_metadata_size(use, line.given, words);
          look_at_shared_metadata(device, use);
          break;
        case Role::source:
          look_at_source(device, use);
          break;
        case Role::destination:
        case Role::data:
          break;
      }
    }
    look_at_roles(line.uses);
    look_at_inactive_table(device);
  }

  void look_at_words(const std::vector<ArgumentWord>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].kind == ArgumentWord::Kind::ignored)
        risk(fmt::format("'{}' means nothing: the target ignores what follows its arguments", words[i].text));
      if (words[i].kind != ArgumentWord::Kind::keyword) continue;
      const std::string_view name = words[i].keyword->name;
      if (name == dmclone::no_hydration_feature) {
        risk(fmt::format(
            "{}: the source is needed until the message enable_hydration is sent and all is copied", name));
      } else if (name == dmclone::no_discard_passdown_feature) {
        risk(
            fmt::format("{}: a discarded region reads as whatever the {} device held before, perhaps another "
                        "owner's data (docs/findings.md)",
                        name, stack_.dialect->destination));
      } else if (i + 1 < words.size() && words[i + 1].number) {
        look_at_number(words[i], words[i + 1], region_size_in(words));
      }
    }
  }

  void look_at_number(const ArgumentWord& key, const ArgumentWord& value,
                      const std::optional<dmcore::sector_t>& region_size) {
    if (!region_size) return;
    const std::uint64_t regions = value.argument->to_regions(*value.number, *region_size);
    // Regions in flight, each with pages of its own, for which other users of the disks have to wait.
    constexpr std::uint64_t large = 4096;
    if (key.keyword->name == dmclone::threshold_key && regions == 0)
      risk(fmt::format("{} {}: nothing is copied in the background", key.text, value.text));
    if (regions > large)
      risk(fmt::format("{} {}: that many copies at once leave the disks no time for I/O", key.text,
                       value.text));
  }

  // In sectors; nothing if the device was made to fit.
  [[nodiscard]] std::optional<dmcore::sector_t> known_size(const Referent& referent) const {
    switch (referent.kind) {
      case Referent::Kind::nothing:
        return std::nullopt;
      case Referent::Kind::device:
        return stack_.devices[referent.index].length();
      case Referent::Kind::disk:
        return stack_.disks[referent.index].sectors;
    }
    return std::nullopt;
  }

  void look_at_metadata_size(const UsedDevice& metadata, const libdm::Target& target,
                             const std::vector<ArgumentWord>& words) {
    const auto region = region_size_in(words);
    const auto have = known_size(metadata.referent);
    if (!region || !have) return;
    const auto answer = metadata_size(target.length, *region);
    const auto* size = std::get_if<MetadataSize>(&answer);
    // One that cannot even be formatted is refused, unless it was formatted elsewhere.
    if (size == nullptr || !runs_out(*size, *have / dmclone::metadata_block_sectors)) return;
    risk(fmt::format(
        "the metadata device has {}: a commit that changes much at once needs {}, and one that runs "
        "out of space makes the clone read-only",
        sectors_and_amount(*have), sectors_and_amount(size->sectors_to_commit())));
  }

  // Calls `visit` with each other device that uses this one, and how, until a call returns true.
  template <class Visit>
  void for_each_other_use(const StackDevice& device, const Referent& referent, Visit visit) const {
    if (referent.kind == Referent::Kind::nothing) return;
    for (const StackDevice& other : stack_.devices) {
      if (&other == &device) continue;
      for (const StackLine& line : other.lines) {
        for (const UsedDevice& use : line.uses) {
          if (use.referent == referent && visit(other, use)) return;
        }
      }
    }
  }

  // Each of two clones commits over the other's metadata.
  void look_at_shared_metadata(const StackDevice& clone, const UsedDevice& metadata) {
    for_each_other_use(clone, metadata.referent, [&](const StackDevice& other, const UsedDevice& use) {
      if (use.reference.role != Role::metadata) return false;
      risk(fmt::format("{} has the same metadata device: each destroys what the other commits", other.name));
      return true;
    });
  }

  // A clone assumes that its source does not change.
  void look_at_source(const StackDevice& clone, const UsedDevice& source) {
    const StackDevice* last = nullptr;
    for_each_other_use(clone, source.referent, [&](const StackDevice& other, const UsedDevice& use) {
      if (other.read_only || use.reference.role == Role::source || &other == last) return false;
      last = &other;
      risk(fmt::format("{} can write to the {}, which must not change", other.name, source.reference.name));
      return false;
    });
  }

  void look_at_roles(const std::vector<UsedDevice>& uses) {
    for (std::size_t a = 0; a < uses.size(); ++a) {
      for (std::size_t b = a + 1; b < uses.size(); ++b) {
        if (uses[a].referent.kind != Referent::Kind::nothing && uses[a].referent == uses[b].referent)
          risk(fmt::format("{} and {} are the same device: {}", uses[a].reference.name,
                           uses[b].reference.name, damage(uses[a].reference, uses[b].reference)));
      }
    }
  }
  [[nodiscard]] static std::string damage(const Reference& a, const Reference& b) {
    const Reference& source = a.role == Role::source ? a : b;
    const Reference& other = a.role == Role::source ? b : a;
    if (source.role != Role::source) return "each overwrites the other";
    return fmt::format("what is written as {} overwrites the {}, which is only read", other.name,
                       source.name);
  }

  void look_at_inactive_table(const StackDevice& device) {
    for (const ListedDevice& listed : list_.devices) {
      if (!listed.inactive_table || mangled_name(listed.name) != mangled_name(device.name)) continue;
      risk(
          "a second table is loaded and waits for a resume: what this one hydrates until then is lost to it "
          "(docs/findings.md); load it again after a suspend");
    }
  }

  const Stack& stack_;
  const DeviceList& list_;
  Place here_;
  Notes notes_;
};

}  // namespace

Notes find_risks(const Stack& stack, const DeviceList& list) {
  return Risks(stack, list).run();
}

}  // namespace sim::tables
