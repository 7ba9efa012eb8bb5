// SPDX-License-Identifier: GPL-2.0-or-later
// Whole machines, from their making to their end: what an exploration pays for each of its runs, besides the
// work that is to be explored.
#include <benchmark/benchmark.h>

#include "sim/host/host.h"
#include "sim/machine/machine.h"

#include "tests/rig/clone.h"
#include "tests/rig/failure.h"

namespace {

constexpr dmcore::sector_t region_sectors = 8;
constexpr dmcore::sector_t regions = 16;
const test::CloneShape shape = {.sectors = regions * region_sectors, .region_sectors = region_sectors};
const sim::host::Table table = {test::clone_target(shape, "/dev/meta", "/dev/dest", "/dev/source")};

void BM_MachineEmpty(benchmark::State& state) {
  for (auto _ : state) sim::Machine machine;
}
BENCHMARK(BM_MachineEmpty);

void add_disk(sim::host::Host& host, const std::string& name, dmcore::sector_t sectors) {
  test::checked(host.add_disk({.name = name, .size_bytes = dmcore::to_bytes(sectors)}), name);
}

void set_up(sim::host::Host& host) {
  add_disk(host, "meta", shape.metadata_sectors);
  add_disk(host, "dest", shape.sectors);
  add_disk(host, "source", shape.sectors);
}

// A read from the source, a write whose region is copied first, and one that is itself the hydration.
void three_bios(sim::host::Host& host) {
  std::array<std::byte, 4096> data{std::byte{0x5a}};
  test::check(host.read("c", 0, data), "read");
  test::check(host.write("c", 3 * region_sectors, std::span(data).first(512)), "write of a part");
  test::check(host.write("c", 5 * region_sectors, data), "write of a region");
}

// The end of the machine is a power cut, or comes after the device was removed.
void clone_life(benchmark::State& state, bool removed) {
  for (auto _ : state) {
    sim::Machine machine;
    sim::host::Host host(machine);
    set_up(host);
    host.run([&] {
      test::checked(host.dm().create("c", table), "create");
      three_bios(host);
      if (removed) test::checked(host.dm().remove("c"), "remove");
    });
  }
}
void BM_MachineWithClone(benchmark::State& state) {
  clone_life(state, false);
}
void BM_MachineWithCloneRemoved(benchmark::State& state) {
  clone_life(state, true);
}
BENCHMARK(BM_MachineWithClone);
BENCHMARK(BM_MachineWithCloneRemoved);

}  // namespace
