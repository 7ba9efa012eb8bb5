// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/minors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace sim::tables {

namespace {

using Devices = std::vector<std::size_t>;

// What a role is called in the names that people give to devices.
struct NameSign {
  Role role;
  std::string_view word;
};
constexpr std::array name_signs = {
    NameSign{Role::metadata, "meta"},     NameSign{Role::destination, "dest"},
    NameSign{Role::destination, "dst"},   NameSign{Role::destination, "target"},
    NameSign{Role::destination, "local"}, NameSign{Role::source, "source"},
    NameSign{Role::source, "src"},        NameSign{Role::source, "origin"},
    NameSign{Role::source, "remote"},
};

bool name_says(const std::string& name, Role role) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(name_signs.begin(), name_signs.end(), [&](const NameSign& sign) {
    return sign.role == role && lower.find(sign.word) != std::string::npos;
  });
}

class Inference {
 public:
  Inference(MinorQuestion& question, Notes& notes) : question_(question), notes_(notes) {
    for (const MinorUse& use : question.uses) {
      if (!question.known.contains(use.minor)) open_.insert(use.minor);
    }
    edges_ = question.edges;
    for (const auto& [minor, device] : question.known) add_edges(minor, device);
  }

  void run() {
    while (!open_.empty()) {
      if (!settle_one()) break;
    }
    for (const std::uint32_t minor : open_) give_up(minor);
  }

  [[nodiscard]] Devices candidates(std::uint32_t minor) const {
    Devices found;
    for (std::size_t i = 0; i < devices().size(); ++i) {
      if (may_be(minor, i)) found.push_back(i);
    }
    return found;
  }

 private:
  [[nodiscard]] const std::vector<TableDevice>& devices() const { return question_.file->devices; }

  template <class Visit>
  void for_uses(std::uint32_t minor, Visit visit) const {
    for (const MinorUse& use : question_.uses) {
      if (use.minor == minor) visit(use);
    }
  }

  [[nodiscard]] bool may_be(std::uint32_t minor, std::size_t device) const {
    const TableDevice& candidate = devices()[device];
    if (candidate.minor && *candidate.minor != minor) return false;
    const bool taken = std::any_of(question_.known.begin(), question_.known.end(),
                                   [&](const auto& known) { return known.second == device; });
    if (taken) return false;
    bool possible = true;
    for_uses(minor, [&](const MinorUse& use) {
      possible = possible && candidate.length() >= use.reference.needed && !stands_on(device, use.user);
    });
    return possible;
  }

  // Whether `upper` is `lower` or stands on it, as far as is known.
  [[nodiscard]] bool stands_on(std::size_t upper, std::size_t lower) const {
    std::set<std::size_t> seen;
    Devices to_do = {upper};
    while (!to_do.empty()) {
      const std::size_t device = to_do.back();
      to_do.pop_back();
      if (device == lower) return true;
      if (!seen.insert(device).second) continue;
      for (const auto& [above, below] : edges_) {
        if (above == device) to_do.push_back(below);
      }
    }
    return false;
  }

  // What is certain goes first, then the better signs; a settled number may make others certain.
  bool settle_one() {
    for (const std::uint32_t minor : open_) {
      const Devices found = candidates(minor);
      if (found.size() == 1) {
        return settle(minor, found.front(), "no other device of the file is long enough and not above it");
      }
    }
    for (const std::uint32_t minor : open_) {
      const Devices found = exact(minor, candidates(minor));
      if (found.size() == 1)
        return settle(minor, found.front(), "the only one that is exactly as long as what is used of it");
    }
    for (const std::uint32_t minor : open_) {
      const Devices all = candidates(minor);
      const Devices same_length = exact(minor, all);
      const Devices found = named(minor, same_length.empty() ? all : same_length);
      if (found.size() == 1) return settle(minor, found.front(), "its name says so");
    }
    return false;
  }

  [[nodiscard]] Devices exact(std::uint32_t minor, const Devices& among) const {
    Devices found;
    for (const std::size_t device : among) {
      bool fits = true;
      for_uses(minor, [&](const MinorUse& use) {
        fits = fits && use.reference.whole && devices()[device].length() == use.reference.needed;
      });
      if (fits) found.push_back(device);
    }
    return found;
  }

  [[nodiscard]] Devices named(std::uint32_t minor, const Devices& among) const {
    Devices found;
    for (const std::size_t device : among) {
      bool says = false;
      for_uses(minor, [&](const MinorUse& use) {
        says = says || name_says(devices()[device].name, use.reference.role);
      });
      if (says) found.push_back(device);
    }
    return found;
  }

  bool settle(std::uint32_t minor, std::size_t device, std::string_view why) {
    const MinorUse& use = first_use(minor);
    notes_.push_back({Note::Kind::assumed, use.where,
                      fmt::format("{}:{}, the {}, is {} (line {}): {}", question_.major, minor,
                                  name_of(use.reference.role), devices()[device].name,
                                  devices()[device].where.line, why)});
    question_.known[minor] = device;
    add_edges(minor, device);
    open_.erase(minor);
    return true;
  }

  void give_up(std::uint32_t minor) {
    const MinorUse& use = first_use(minor);
    std::string names;
    for (const std::size_t device : candidates(minor))
      names += fmt::format("{}{}", names.empty() ? "" : ", ", devices()[device].name);
    const std::string what = names.empty() ? fmt::format("is none of the devices of {}", question_.file->name)
                                           : fmt::format("may be any of {}", names);
    notes_.push_back(
        {Note::Kind::replaced, use.where,
         fmt::format("{0}:{1}, the {2}, {3}: a disk of its own stands in for it. If you know better: "
                     "--device {0}:{1}=NAME, or --devices FILE with the output of `dmsetup ls`",
                     question_.major, minor, name_of(use.reference.role), what)});
  }

  [[nodiscard]] const MinorUse& first_use(std::uint32_t minor) const {
    return *std::find_if(question_.uses.begin(), question_.uses.end(),
                         [&](const MinorUse& use) { return use.minor == minor; });
  }

  void add_edges(std::uint32_t minor, std::size_t device) {
    for_uses(minor, [&](const MinorUse& use) { edges_.emplace_back(use.user, device); });
  }

  MinorQuestion& question_;
  Notes& notes_;
  std::set<std::uint32_t> open_;
  std::vector<std::pair<std::size_t, std::size_t>> edges_;
};

}  // namespace

void infer_minors(MinorQuestion& question, Notes& notes) {
  Inference(question, notes).run();
}

bool minors_are_possible(const MinorQuestion& question) {
  MinorQuestion copy = question;
  Notes unused;
  const Inference inference(copy, unused);
  // Not all devices can stand on others.
  std::set<std::size_t> above;
  for (const MinorUse& use : question.uses) above.insert(use.user);
  if (!question.uses.empty() && above.size() == question.file->devices.size()) return false;
  return std::all_of(question.uses.begin(), question.uses.end(), [&](const MinorUse& use) {
    return question.known.contains(use.minor) || !inference.candidates(use.minor).empty();
  });
}

}  // namespace sim::tables
