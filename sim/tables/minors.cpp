// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/minors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <string_view>

#include "sim/tables/amounts.h"

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
    for (const auto& [minor, device] : question.known) {
      taken_.insert(device);
      add_edges(minor, device);
    }
  }

  void run() {
    while (!open_.empty()) {
      if (!settle_one()) break;
    }
    for (const std::uint32_t minor : open_) give_up(minor);
  }

  [[nodiscard]] Devices candidates(std::uint32_t minor) const {
    return devices_where([&](std::size_t i) { return may_be(minor, i) && is_long_enough(minor, i); });
  }

 private:
  [[nodiscard]] const std::vector<StackDevice>& devices() const { return question_.stack->devices; }

  template <class Condition>
  [[nodiscard]] Devices devices_where(Condition condition) const {
    Devices found;
    for (std::size_t i = 0; i < devices().size(); ++i) {
      if (condition(i)) found.push_back(i);
    }
    return found;
  }

  template <class Condition>
  [[nodiscard]] bool all_uses(std::uint32_t minor, Condition condition) const {
    return std::all_of(question_.uses.begin(), question_.uses.end(),
                       [&](const MinorUse& use) { return use.minor != minor || condition(use); });
  }

  // Leaving its length aside.
  [[nodiscard]] bool may_be(std::uint32_t minor, std::size_t device) const {
    const std::optional<std::uint32_t>& known = devices()[device].minor;
    if ((known && *known != minor) || taken_.contains(device)) return false;
    return all_uses(minor, [&](const MinorUse& use) { return !is_above(device, use.user); });
  }
  [[nodiscard]] bool is_long_enough(std::uint32_t minor, std::size_t device) const {
    return devices()[device].length() >= needed(minor);
  }
  // In sectors.
  [[nodiscard]] dmcore::sector_t needed(std::uint32_t minor) const {
    dmcore::sector_t most = 0;
    for (const MinorUse& use : question_.uses) {
      if (use.minor == minor) most = std::max(most, use.reference.needed);
    }
    return most;
  }

  // Whether `upper` is `lower` or is above it, as far as is known.
  [[nodiscard]] bool is_above(std::size_t upper, std::size_t lower) const {
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

  // What is certain comes first, then the better signs; a settled number may make others certain.
  bool settle_one() {
    for (const std::uint32_t minor : open_) {
      const Devices found = candidates(minor);
      if (found.size() != 1 || is_contested(minor, found.front())) continue;
      return settle(minor, found.front(), "no other device of the file is long enough and not above it");
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

  [[nodiscard]] Devices exact(std::uint32_t minor, Devices among) const {
    std::erase_if(among, [&](std::size_t device) {
      return !all_uses(minor, [&](const MinorUse& use) {
        return use.reference.whole && devices()[device].length() == use.reference.needed;
      });
    });
    return among;
  }

  [[nodiscard]] bool is_named(std::uint32_t minor, std::size_t device) const {
    return !all_uses(
        minor, [&](const MinorUse& use) { return !name_says(devices()[device].name, use.reference.role); });
  }
  [[nodiscard]] Devices named(std::uint32_t minor, Devices among) const {
    std::erase_if(among, [&](std::size_t device) { return !is_named(minor, device); });
    return among;
  }

  // Those that could be it if they were longer.
  [[nodiscard]] Devices too_short(std::uint32_t minor) const {
    return devices_where([&](std::size_t i) { return may_be(minor, i) && !is_long_enough(minor, i); });
  }
  // One that is too short has the better name.
  [[nodiscard]] bool is_contested(std::uint32_t minor, std::size_t device) const {
    return !is_named(minor, device) && !named(minor, too_short(minor)).empty();
  }

  bool settle(std::uint32_t minor, std::size_t device, std::string_view why) {
    const MinorUse& use = first_use(minor);
    notes_.push_back(
        {Note::Kind::assumed, use.where,
         fmt::format("{}:{}, the {}, is {} (line {}): {}", question_.major, minor, use.reference.name,
                     devices()[device].name, devices()[device].where.line, why)});
    question_.known[minor] = device;
    taken_.insert(device);
    add_edges(minor, device);
    open_.erase(minor);
    return true;
  }

  void give_up(std::uint32_t minor) {
    const MinorUse& use = first_use(minor);
    const Devices possible = candidates(minor);
    std::string what = fmt::format("is none of the devices of {}", question_.stack->file_name);
    if (possible.size() == 1) what = fmt::format("may be {}", devices()[possible.front()].name);
    if (possible.size() > 1) what = fmt::format("may be any of {}", names_of(possible));
    notes_.push_back({Note::Kind::replaced, use.where,
                      fmt::format("{0}:{1}, the {2}, {3}: a disk of {4} stands in for it.{5} If you know "
                                  "better: --device {0}:{1}=NAME, or --devices FILE with the output of "
                                  "`dmsetup ls`",
                                  question_.major, minor, use.reference.name, what,
                                  sectors_and_amount(use.reference.wanted), near_miss(minor))});
  }

  // Of several devices that are too short those with a good name; without one, the longest.
  [[nodiscard]] std::string near_miss(std::uint32_t minor) const {
    const Devices all = too_short(minor);
    if (all.empty()) return {};
    Devices nearest = named(minor, all);
    if (nearest.empty()) {
      nearest = {*std::max_element(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
        return devices()[a].length() < devices()[b].length();
      })};
    }
    std::string text;
    for (const std::size_t device : nearest) {
      text += fmt::format(" {} is too short: it has {}, and {} are needed.", devices()[device].name,
                          sectors_and_amount(devices()[device].length()), sectors_and_amount(needed(minor)));
    }
    return text;
  }

  [[nodiscard]] std::string names_of(const Devices& some) const {
    std::vector<std::string> names;
    for (const std::size_t device : some) names.push_back(devices()[device].name);
    return fmt::format("{}", fmt::join(names, ", "));
  }

  [[nodiscard]] const MinorUse& first_use(std::uint32_t minor) const {
    return *std::find_if(question_.uses.begin(), question_.uses.end(),
                         [&](const MinorUse& use) { return use.minor == minor; });
  }

  void add_edges(std::uint32_t minor, std::size_t device) {
    for (const MinorUse& use : question_.uses) {
      if (use.minor == minor) edges_.emplace_back(use.user, device);
    }
  }

  MinorQuestion& question_;
  Notes& notes_;
  std::set<std::uint32_t> open_;
  std::set<std::size_t> taken_;  // devices whose number is known
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
  // Not every device can be above another.
  std::set<std::size_t> above;
  for (const MinorUse& use : question.uses) above.insert(use.user);
  if (!question.uses.empty() && above.size() == question.stack->devices.size()) return false;
  return std::all_of(question.uses.begin(), question.uses.end(), [&](const MinorUse& use) {
    return question.known.contains(use.minor) || !inference.candidates(use.minor).empty();
  });
}

}  // namespace sim::tables
