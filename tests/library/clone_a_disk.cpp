// SPDX-License-Identifier: GPL-2.0-or-later
// A machine with three disks, a clone on them, and a write while it hydrates.
#include <cstdio>
#include <vector>

#include "sim/host/host.h"

using namespace std::chrono_literals;

namespace {

// Every call of the host can fail, and no result may be dropped.
template <class Result>
auto checked(Result result, const char* what) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(1);
  }
  return result;
}

void clone_a_disk(sim::host::Host& host) {
  constexpr std::uint64_t sectors = 2048;
  constexpr std::uint64_t bytes = sectors * dmcore::sector_size;
  checked(host.add_disk({.name = "meta", .size_bytes = 4 << 20}), "metadata disk");
  checked(host.add_disk({.name = "dest", .size_bytes = bytes}), "destination");
  checked(
      host.add_disk({.name = "source", .size_bytes = bytes, .options = {.timing = {.read_latency = 5ms}}}),
      "source");

  const auto table =
      checked(sim::host::parse_table("0 2048 clone /dev/meta /dev/dest /dev/source 8"), "table");
  checked(host.dm().create("clone", *table), "create");

  const std::vector<std::byte> data(8 * dmcore::sector_size, std::byte{'A'});
  checked(host.write("clone", 16, data), "write");
  checked(host.flush("clone"), "flush");

  // The rest is hydrated in the background, in the machine's time.
  const bool hydrated =
      host.wait_until([&] { return checked(host.dm().clone_status("clone"), "status")->hydrated(); }, 60s);
  const auto status = checked(host.dm().clone_status("clone"), "status");
  std::printf("%llu of %llu regions hydrated\n", static_cast<unsigned long long>(status->hydrated_regions),
              static_cast<unsigned long long>(status->regions));
  if (!hydrated) std::exit(1);

  std::vector<std::byte> read(data.size());
  checked(host.read("dest", 16, read), "read");
  if (read != data) std::exit(1);
}

}  // namespace

int main() {
  sim::Machine machine;
  sim::host::Host host(machine);
  host.run([&] { clone_a_disk(host); });
}
