// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel takes and a user may regret.
#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "dmcore/dm/args.h"

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
    const auto& devices = stack_.file.devices;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      for (std::size_t l = 0; l < devices[d].lines.size(); ++l) {
        here_ = devices[d].lines[l].where;
        if (devices[d].lines[l].target.type == "clone") look_at_clone(d, l);
      }
    }
    return std::move(notes_);
  }

 private:
  void risk(std::string text) { notes_.push_back({Note::Kind::risk, here_, std::move(text)}); }

  void look_at_clone(std::size_t d, std::size_t l) {
    const TableDevice& device = stack_.file.devices[d];
    const libdm::Target& target = device.lines[l].target;
    const std::vector<std::string> words = arguments_of(target);
    look_at_arguments(words);
    const std::vector<UsedWord>& used = stack_.words[d][l];
    constexpr std::size_t devices = 3;
    if (used.size() == devices) {
      look_at_metadata(used[0].referent, target, words);
      look_at_shared_metadata(d, used[0].referent);
      look_at_roles(used);
      look_at_source(d, used[2].referent);
    }
    look_at_inactive_table(device);
  }

  void look_at_arguments(const std::vector<std::string>& words) {
    const auto has = [&](std::string_view word) {
      return std::any_of(words.begin(), words.end(),
                         [&](const std::string& other) { return dmcore::equal_ignoring_case(other, word); });
    };
    if (has("no_hydration"))
      risk("no_hydration: the source is needed for ever, unless somebody sends the message enable_hydration");
    if (has("no_discard_passdown")) {
      risk(
          "no_discard_passdown: a discarded region reads as whatever the destination held before, perhaps "
          "another "
          "owner's data (docs/findings.md)");
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) look_at_number(words[i], words[i + 1]);
  }

  void look_at_number(const std::string& key, const std::string& text) {
    const bool threshold = dmcore::equal_ignoring_case(key, "hydration_threshold");
    if (!threshold && !dmcore::equal_ignoring_case(key, "hydration_batch_size")) return;
    const auto value = dmcore::parse_u32(text);
    if (!value.ok()) return;
    // Regions in flight, each with pages of its own, beside which the disks' users have to wait.
    constexpr std::uint32_t large = 4096;
    if (threshold && *value == 0) risk("hydration_threshold 0: nothing is copied in the background");
    if (*value > large)
      risk(fmt::format("{} {}: that many copies at once leave the disks no time for I/O", key, *value));
  }

  // In sectors; nothing if only a stand-in or a disk made to fit is known.
  [[nodiscard]] std::optional<dmcore::sector_t> known_size(const Referent& referent) const {
    if (referent.kind == Referent::Kind::device) return stack_.file.devices[referent.index].length();
    if (referent.kind == Referent::Kind::disk) return stack_.disks[referent.index].sectors;
    return std::nullopt;
  }

  void look_at_metadata(const Referent& metadata, const libdm::Target& target,
                        const std::vector<std::string>& words) {
    const auto region = words.size() > 3 ? dmcore::scan_u32(words[3]) : std::nullopt;
    const auto have = known_size(metadata);
    if (!region || !have) return;
    const auto answer = metadata_size(target.length, *region);
    const auto* size = std::get_if<MetadataSize>(&answer);
    // One that cannot even be formatted is refused, unless it was formatted elsewhere.
    if (size == nullptr || !runs_out(*size, *have / dmclone::metadata_block_sectors)) return;
    risk(fmt::format(
        "the metadata device has {} sectors: a commit that changes much at once needs {} ({}), and one that "
        "runs out makes the clone read-only",
        *have, size->sectors_to_commit(), amount(size->sectors_to_commit())));
  }

  // Each of two clones commits over the other's metadata.
  void look_at_shared_metadata(std::size_t clone, const Referent& metadata) {
    if (metadata.kind == Referent::Kind::nothing) return;
    for (std::size_t d = 0; d < stack_.words.size(); ++d) {
      if (d == clone) continue;
      for (const auto& line : stack_.words[d]) {
        for (const UsedWord& word : line) {
          if (word.reference.role != Role::metadata || word.referent.kind != metadata.kind ||
              word.referent.index != metadata.index)
            continue;
          risk(fmt::format("{} has the same metadata device: each destroys what the other commits",
                           stack_.file.devices[d].name));
          return;
        }
      }
    }
  }

  void look_at_roles(const std::vector<UsedWord>& used) {
    for (std::size_t a = 0; a < used.size(); ++a) {
      for (std::size_t b = a + 1; b < used.size(); ++b) {
        if (used[a].referent.kind == Referent::Kind::nothing ||
            used[a].referent.kind != used[b].referent.kind ||
            used[a].referent.index != used[b].referent.index)
          continue;
        risk(fmt::format("{} and {} are one: each overwrites the other", name_of(used[a].reference.role),
                         name_of(used[b].reference.role)));
      }
    }
  }

  // A clone takes it for granted that its source does not change.
  void look_at_source(std::size_t clone, const Referent& source) {
    if (source.kind != Referent::Kind::device && source.kind != Referent::Kind::disk) return;
    for (std::size_t d = 0; d < stack_.words.size(); ++d) {
      if (d == clone || stack_.file.devices[d].read_only) continue;
      for (const auto& line : stack_.words[d]) {
        for (const UsedWord& word : line) {
          if (word.referent.kind == source.kind && word.referent.index == source.index &&
              word.reference.role != Role::source && told_.insert({clone, d}).second) {
            risk(fmt::format("{} can write to the source device, which must not change",
                             stack_.file.devices[d].name));
          }
        }
      }
    }
  }

  void look_at_inactive_table(const TableDevice& device) {
    for (const ListedDevice& listed : list_.devices) {
      if (!listed.inactive_table || mangled_name(listed.name) != mangled_name(device.name)) continue;
      risk(
          "a second table is loaded and waits for a resume: what this one hydrates until then is lost to it "
          "(docs/findings.md); load it anew after a suspend");
    }
  }

  const Stack& stack_;
  const DeviceList& list_;
  Place here_;
  Notes notes_;
  std::set<std::pair<std::size_t, std::size_t>> told_;
};

}  // namespace

Notes find_risks(const Stack& stack, const DeviceList& list) {
  return Risks(stack, list).run();
}

}  // namespace sim::tables
