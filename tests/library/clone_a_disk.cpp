// SPDX-License-Identifier: GPL-2.0-or-later
// A machine with three disks, a clone on them, and a write while it hydrates.
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <vector>

#include "sim/host/host.h"

using namespace std::chrono_literals;

namespace {

// Every call of the host can fail, and the compiler warns of a result that is dropped.
void check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

template <class Result>
auto value_of(const Result& result, const char* what) {
  check(result.ok(), what);
  return *result;
}

void clone_a_disk(sim::host::Host& host) {
  constexpr std::uint64_t sectors = 2048;
  constexpr std::uint64_t bytes = sectors * dmcore::sector_size;
  check(host.add_disk({.name = "meta", .size_bytes = 4 << 20}).ok(), "metadata disk");
  check(host.add_disk({.name = "dest", .size_bytes = bytes}).ok(), "destination");
  check(host.add_disk({.name = "source", .size_bytes = bytes, .options = {.timing = {.read_latency = 5ms}}})
            .ok(),
        "source");

  const auto table = sim::host::parse_table("0 2048 clone /dev/meta /dev/dest /dev/source 8");
  check(host.dm().create("clone", value_of(table, "table")).ok(), "create");

  const std::vector<std::byte> data(8 * dmcore::sector_size, std::byte{'A'});
  check(host.write("clone", 16, data).ok(), "write");
  check(host.flush("clone").ok(), "flush");

  // The other regions are hydrated in the background, in the machine's time.
  const auto status = [&] { return value_of(host.dm().clone_status("clone"), "status"); };
  check(host.wait_until([&] { return status().hydrated(); }, 60s), "hydration");
  fmt::print("{} of {} regions hydrated\n", status().hydrated_regions, status().regions);

  std::vector<std::byte> read(data.size());
  check(host.read("dest", 16, read).ok(), "read");
  check(read == data, "comparison");
}

}  // namespace

int main() {
  sim::Machine machine;
  sim::host::Host host(machine);
  host.run([&] { clone_a_disk(host); });
}
