// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/bench.h"

#include <algorithm>

namespace sim::generate {

void Bench::line(std::string_view command) {
  text_.append(command);
  text_ += '\n';
  commands_++;
}

void Bench::comment(std::string_view words) {
  text_ += fmt::format("# {}\n", words);
}

Device Bench::disk(std::uint64_t sectors, const DiskKind& kind) {
  Device device{.name = fmt::format("loop{}", next_loop_++),
                .sectors = sectors,
                .unit = 8,
                .alignment = kind.alignment,
                .mapped = false};
  std::string options;
  if (!kind.discard) options += " discard=off";
  if (kind.discard && kind.discard_max != 0) options += fmt::format(" discard={}s", kind.discard_max);
  if (kind.alignment != 1) options += fmt::format(" logical_block_size={}", kind.alignment * 512);
  if (kind.read_only) options += " ro";
  const bool in_kib = sectors % 2 == 0 && random.chance(50);
  say("disk {} {}{}{}", device.name, in_kib ? sectors / 2 : sectors, in_kib ? "K" : "s", options);
  return device;
}

void Bench::stamp(const Device& device, char letter) {
  say("write {} 0 {} @{}", device.name, device.sectors, letter);
}

void Bench::create(std::string_view name, std::string_view table, std::string_view options) {
  say("dmsetup create {} {}{}--table '{}'", name, options, options.empty() ? "" : " ", table);
}

void Bench::swap_table(std::string_view name, std::string_view table, bool noflush) {
  say("dmsetup load {} --table '{}'", name, table);
  say("dmsetup suspend {}{}", noflush ? "--noflush " : "", name);
  say("dmsetup resume {}", name);
}

std::string Bench::pattern() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const char letter = letters[random.below(letters.size())];
  return random.choose<std::string>({
      {5, [&] { return std::string(1, letter); }},
      {4, [&] { return fmt::format("@{}", letter); }},
      {1, [&] { return "zero"; }},
  });
}

Span Bench::span(const Device& device, std::uint64_t count_max) {
  const std::uint64_t unit = std::max<std::uint64_t>(device.unit, 1);
  const std::uint64_t units = (device.sectors + unit - 1) / unit;
  Span out;
  random.choose({
      {4, [&] { out.sector = random.below(device.sectors); }},
      // the start of a unit
      {4, [&] { out.sector = random.below(units) * unit; }},
      // near a border
      {3,
       [&] {
         const std::uint64_t border = random.between(1, units) * unit;
         out.sector = border - std::min(border, random.between(1, 3));
       }},
      // near the end
      {2, [&] { out.sector = device.sectors - std::min(device.sectors, random.between(1, unit + 2)); }},
      // at the end and behind it
      {1, [&] { out.sector = device.sectors + random.below(3 * unit); }},
  });
  random.choose({
      {3, [&] { out.count = random.between(1, 3); }},
      {3, [&] { out.count = 8; }},
      {4, [&] { out.count = unit; }},
      {3, [&] { out.count = unit * random.between(1, 6); }},
      {2, [&] { out.count = random.between(1, 4 * unit); }},
      // just to the end, or one too far
      {2,
       [&] {
         out.count = out.sector < device.sectors ? device.sectors - out.sector : unit;
         out.count += random.chance(10) ? 1 : 0;
       }},
      {1, [&] { out.count = random.between(1, 4000); }},
  });
  out.count = std::clamp<std::uint64_t>(out.count, 1, count_max);
  if (device.alignment > 1 && random.chance(93)) {
    out.sector = out.sector / device.alignment * device.alignment;
    out.count = (out.count + device.alignment - 1) / device.alignment * device.alignment;
  }
  return out;
}

Span Bench::inner_span(const Device& device, std::uint64_t count_max) {
  Span out = span(device, count_max);
  if (device.alignment > 1) {
    out.sector = out.sector / device.alignment * device.alignment;
    out.count = (out.count + device.alignment - 1) / device.alignment * device.alignment;
  }
  if (out.sector >= device.sectors) out.sector = device.sectors - device.alignment;
  out.count = std::min(out.count, device.sectors - out.sector);
  return out;
}

std::string table(std::uint64_t sectors, std::string_view target) {
  return fmt::format("0 {} {}", sectors, target);
}

}  // namespace sim::generate
