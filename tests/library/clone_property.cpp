// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is written to a clone, under whatever schedule, is read back.
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <vector>

#include "sim/host/host.h"

namespace {

constexpr std::uint64_t sectors = 256;

struct Write {
  std::uint32_t sector;
  std::uint8_t value;
};

std::vector<std::byte> sector_of(std::uint8_t value) {
  return std::vector<std::byte>(dmcore::sector_size, std::byte{value});
}

void set_up(sim::host::Host& host) {
  RC_ASSERT(host.add_disk({.name = "meta", .size_bytes = 1 << 20}).ok());
  RC_ASSERT(host.add_disk({.name = "dest", .size_bytes = sectors * dmcore::sector_size}).ok());
  RC_ASSERT(host.add_disk({.name = "source", .size_bytes = sectors * dmcore::sector_size}).ok());
  const auto table = sim::host::parse_table("0 256 clone /dev/meta /dev/dest /dev/source 8");
  RC_ASSERT(table.ok());
  RC_ASSERT(host.dm().create("clone", *table).ok());
}

RC_GTEST_PROP(Clone, ReturnsWhatWasWritten, (std::uint64_t seed)) {
  const auto writes = *rc::gen::container<std::vector<Write>>(rc::gen::construct<Write>(
      rc::gen::inRange<std::uint32_t>(0, sectors), rc::gen::inRange<std::uint8_t>(1, 255)));
  sim::Machine machine(sim::Schedule{.kind = sim::Schedule::Kind::random, .seed = seed});
  sim::host::Host host(machine);
  host.run([&] {
    set_up(host);
    std::map<std::uint32_t, std::uint8_t> expected;
    for (const Write& write : writes) {
      RC_ASSERT(host.write("clone", write.sector, sector_of(write.value)).ok());
      expected[write.sector] = write.value;
    }
    for (const auto& [sector, value] : expected) {
      std::vector<std::byte> data(dmcore::sector_size);
      RC_ASSERT(host.read("clone", sector, data).ok());
      RC_ASSERT(data == sector_of(value));
    }
  });
  RC_ASSERT(machine.check_idle().empty());
}

}  // namespace
