// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/disk_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace sim::tables {

namespace {

// Majors with letters: sda, sdb, ... sdz, sdaa, and partitions by number
// (Documentation/admin-guide/devices.txt).
struct Lettered {
  std::uint32_t first_major;
  std::uint32_t last_major;
  std::uint32_t disks_before;  // of the same kind, under lower majors
  std::string_view prefix;
};
constexpr std::uint32_t minors_each = 16;
constexpr std::uint32_t disks_per_major = 16;
constexpr std::array lettered = {
    Lettered{8, 8, 0, "sd"},
    Lettered{65, 71, 16, "sd"},
    Lettered{128, 135, 128, "sd"},
    Lettered{202, 202, 0, "xvd"},
    // Virtio disks, and mapped devices, have the numbers that were free at boot: these, as a rule.
    Lettered{252, 254, 0, "vd"},
};

struct Numbered {
  std::uint32_t major;
  std::string_view prefix;
};
constexpr std::array numbered = {Numbered{1, "ram"}, Numbered{7, "loop"}, Numbered{9, "md"},
                                 Numbered{43, "nbd"}, Numbered{147, "drbd"}};

std::string letters(std::uint32_t index) {
  constexpr std::uint32_t alphabet = 26;
  std::string out;
  for (std::uint32_t rest = index + 1; rest != 0; rest = (rest - 1) / alphabet)
    out.insert(out.begin(), static_cast<char>('a' + (rest - 1) % alphabet));
  return out;
}

// LVM writes the hyphens of a name twice, and one between the names.
std::string doubled_hyphens(std::string_view name) {
  std::string out;
  for (const char c : name) out.append(c == '-' ? 2 : 1, c);
  return out;
}

constexpr std::string_view dev = "/dev/";
constexpr std::string_view mapper = "/dev/mapper/";

}  // namespace

std::string disk_name(dmcore::DevT number) {
  for (const Numbered& kind : numbered) {
    if (kind.major == number.major) return fmt::format("{}{}", kind.prefix, number.minor);
  }
  for (const Lettered& kind : lettered) {
    if (number.major < kind.first_major || number.major > kind.last_major) continue;
    // Different drivers' disks must not share a name; the range of virtio holds only one driver's disks at a
    // time.
    const bool virtio = kind.prefix == "vd";
    const std::uint32_t index =
        (virtio ? 0 : kind.disks_before + (number.major - kind.first_major) * disks_per_major) +
        number.minor / minors_each;
    const std::uint32_t partition = number.minor % minors_each;
    return fmt::format("{}{}{}", kind.prefix, letters(index),
                       partition == 0 ? "" : fmt::format("{}", partition));
  }
  return fmt::format("disk-{}-{}", number.major, number.minor);
}

std::string fit_for_disk(std::string_view text) {
  std::string out(text);
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.+@").find(c) != std::string_view::npos;
  };
  std::replace_if(
      out.begin(), out.end(), [&](char c) { return !fits(c); }, '_');
  if (out.empty() || out == "mapper" || out == "ro" || out.front() == '.') out.insert(0, "disk-");
  return out;
}

std::string name_in_path(std::string_view path) {
  if (path.starts_with(mapper)) return std::string(path.substr(mapper.size()));
  if (!path.starts_with(dev)) return {};
  const std::string_view rest = path.substr(dev.size());
  const auto slash = rest.find('/');
  const bool volume = slash != std::string_view::npos &&
                      rest.find('/', slash + 1) == std::string_view::npos && !rest.starts_with("disk/");
  if (!volume) return std::string(rest);
  return doubled_hyphens(rest.substr(0, slash)) + "-" + doubled_hyphens(rest.substr(slash + 1));
}

}  // namespace sim::tables
