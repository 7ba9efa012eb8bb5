// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/companions.h"

#include <algorithm>

namespace sim::generate {

Layer add_layer(Bench& bench, const std::string& name, const Device& below, std::uint64_t sectors_min) {
  Random& random = bench.random;
  Layer layer;
  const std::uint64_t room = below.sectors > sectors_min ? below.sectors - sectors_min : 0;
  layer.offset = random.chance(40) ? std::min(room, random.below(8) * 8) : 0;
  if (random.chance(5)) layer.offset = std::min<std::uint64_t>(room, 3);
  layer.device = below;
  layer.device.name = name;
  layer.device.mapped = true;
  layer.device.sectors = std::max<std::uint64_t>(below.sectors - std::min(below.sectors, layer.offset), 1);
  if (random.chance(30)) layer.device.sectors = std::max(sectors_min, std::uint64_t{1});
  const std::string where = fmt::format("{} {}", below.path(), layer.offset);
  std::string text;
  random.choose({
      {6, [&] { text = table(layer.device.sectors, "linear " + where); }},
      {2, [&] { text = table(layer.device.sectors, "flakey " + where + " 3600 0"); }},
      {2,
       [&] {
         text = table(
             layer.device.sectors,
             "delay " + where + random.pick({std::string(" 0"), " 0 " + where + " 0", std::string(" 1")}));
       }},
      {2, [&] { text = table(layer.device.sectors, "dust " + where + " 512"); }},
      {2,
       [&] {
         layer.device.sectors = std::max<std::uint64_t>(layer.device.sectors / 8 * 8, 8);
         text = table(layer.device.sectors, "striped 1 8 " + where);
       }},
      {2,
       [&] {
         const std::uint64_t half = layer.device.sectors / 2 / 8 * 8;
         if (half == 0) {
           text = table(layer.device.sectors, "linear " + where);
           return;
         }
         text = fmt::format("0 {} linear {} {}\n{} {} linear {} {}", half, below.path(), layer.offset, half,
                            layer.device.sectors - half, below.path(), layer.offset + half);
       }},
  });
  bench.create(name, text);
  return layer;
}

std::string failing_table(Bench& bench, std::uint64_t sectors, const Device& below) {
  Random& random = bench.random;
  return random.choose<std::string>({
      {2, [&] { return table(sectors, "error"); }},
      {2, [&] { return table(sectors, fmt::format("flakey {} 0 0 3600", below.path())); }},
      {3,
       [&] {
         if (sectors < 32) return table(sectors, "error");
         const std::uint64_t begin = random.between(1, sectors / 8 - 2) * 8;
         const std::uint64_t end = random.between(begin / 8 + 1, sectors / 8 - 1) * 8;
         return fmt::format("0 {0} linear {3} 0\n{0} {1} error\n{2} {4} linear {3} {2}", begin, end - begin,
                            end, below.path(), sectors - end);
       }},
  });
}

}  // namespace sim::generate
