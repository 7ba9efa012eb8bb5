// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/recovery.h"

#include <algorithm>
#include <fmt/core.h>
#include <tuple>

#include "sim/explore/cut_store.h"
#include "sim/host/host.h"
#include "sim/machine/machine.h"
#include "sim/metadata/check.h"

namespace sim::explore {

namespace {

// How long a machine may hydrate. A clone that is not hydrated then is no error: its source may be slow.
constexpr dmcore::Duration hydration_time = std::chrono::seconds(60);

class Start {
 public:
  Start(Contents& contents, const std::vector<Disk>& disks, const Devices& devices, Recovery& recovery,
        Machine& machine)
      : contents_(contents), disks_(disks), devices_(devices), recovery_(recovery), host_(machine) {}

  // Process context.
  void run() {
    check("before");
    if (!set_up()) return;
    look();
    hydrate();
    take_down();
    check("after");
  }

 private:
  bool fail(const std::string& device, const host::DmError& error) {
    recovery_.failure = fmt::format("{}: {}", device, error.text);
    for (const std::string& line : host_.take_log()) recovery_.failure += "\n" + line;
    return false;
  }

  void check(std::string_view when) {
    for (const Device& device : devices_) {
      for (const CloneDisks& clone : device.clones) {
        if (!clone.metadata || !recovery_.damage.empty()) continue;
        const std::string& disk = disks_[*clone.metadata].name;
        const metadata::Report report = metadata::check(host_.disk(disk)->store());
        if (!report.findings.empty())
          recovery_.damage =
              fmt::format("{}, {} the start: {}", disk, when, describe(report.findings.front()));
      }
    }
  }

  bool set_up() {
    for (const Device& device : devices_) {
      const auto created = host_.dm().create(device.name, device.table,
                                             {.minor = device.minor, .read_only = device.read_only});
      if (!created.ok()) return fail(device.name, created.error());
    }
    for (const Device& device : devices_) {
      const auto status = host_.dm().clone_status(device.name);
      if (status.ok()) recovery_.hydrated += status->hydrated_regions;
    }
    return true;
  }

  std::vector<ContentId> read(const std::string& device, std::int64_t sectors) {
    std::vector<ContentId> found;
    const auto take = [&](dmcore::sector_t, std::span<const std::byte> piece) {
      for (; !piece.empty(); piece = piece.subspan(dmcore::sector_size))
        found.push_back(contents_.number_of(piece.first(dmcore::sector_size)));
    };
    const auto done = host_.read(device, 0, sectors, take);
    if (!done.ok() && recovery_.failure.empty())
      recovery_.failure = fmt::format("{}: cannot be read", device);
    return found;
  }

  void look() {
    for (const Device& device : devices_) {
      if (!device.used) recovery_.seen.push_back(read(device.name, device.sectors));
    }
  }

  // Until all clones are hydrated, also those that do not begin by themselves: more of a machine's life can
  // be cut.
  void hydrate() {
    for (const Device& device : devices_) {
      const auto status = host_.dm().clone_status(device.name);
      if (!status.ok() || device.read_only) continue;
      if (status->has_feature("no_hydration") && !host_.dm().message(device.name, 0, "enable_hydration").ok())
        continue;
      const auto hydrated = [&] {
        const auto now = host_.dm().clone_status(device.name);
        return !now.ok() || now->hydrated();
      };
      if (host_.wait_until(hydrated, hydration_time) && recovery_.difference.empty()) compare(device);
    }
  }

  void compare(const Device& device) {
    const CloneDisks* clone = device.as_clone();
    if (clone == nullptr || !clone->destination) return;
    const std::string& destination = disks_[*clone->destination].name;
    const std::vector<ContentId> seen = read(device.name, device.sectors);
    const std::vector<ContentId> copy = read(destination, device.sectors);
    const auto [there, here] = std::mismatch(seen.begin(), seen.end(), copy.begin(), copy.end());
    if (there != seen.end() || here != copy.end())
      recovery_.difference =
          fmt::format("sector {} of {} is not that of {}", there - seen.begin(), device.name, destination);
  }

  void take_down() {
    for (auto device = devices_.rbegin(); device != devices_.rend(); ++device) {
      const auto removed = host_.dm().remove(device->name);
      if (!removed.ok() && recovery_.failure.empty()) fail(device->name, removed.error());
    }
  }

  Contents& contents_;
  const std::vector<Disk>& disks_;
  const Devices& devices_;
  Recovery& recovery_;
  host::Host host_;
};

}  // namespace

bool Device::has_table_of(const Device& other) const {
  const auto same_target = [](const host::Target& x, const host::Target& y) {
    return std::tie(x.start, x.length, x.type, x.params) == std::tie(y.start, y.length, y.type, y.params);
  };
  return std::equal(table.begin(), table.end(), other.table.begin(), other.table.end(), same_target);
}

bool operator==(const Device& a, const Device& b) {
  return std::tie(a.name, a.minor, a.read_only, a.sectors, a.used) ==
             std::tie(b.name, b.minor, b.read_only, b.sectors, b.used) &&
         a.has_table_of(b);
}

void run_recovery(Contents& contents, const MachineKind& kind, const std::vector<Disk>& disks,
                  const Devices& devices, const AnswerRead& answer, Recovery& recovery) {
  Machine machine(Schedule{}, *kind.dialect);
  machine.kernel().put_in(kind.defects);
  machine.kernel().put_in(kind.fixes);
  if (kind.prepare) kind.prepare(machine);
  machine.on_disk_added([&](VirtualDisk& disk) { recovery.trace.watch(disk); });
  for (std::uint32_t number = 0; number < disks.size(); ++number) {
    const Disk& disk = disks[number];
    const auto look = [&, number](std::uint32_t block) {
      BlockContent content;
      if (boost::icl::contains(disk.metadata, block * block_sectors)) {
        content = answer(number, block);
        recovery.reads.push_back({number, block, content});
        return content;
      }
      for (std::uint32_t i = 0; i < block_sectors; ++i)
        content[i] = Contents::number_of(Token{number, block * block_sectors + i});
      return content;
    };
    machine.add_disk(disk.name, std::make_unique<CutStore>(disk.size_bytes, contents, look), disk.options,
                     disk.number);
  }
  Start start(contents, disks, devices, recovery, machine);
  try {
    machine.run([&] { start.run(); });
  } catch (const MachineStopped& stopped) {
    recovery.failure = stopped.what();
    recovery.stopped = true;
  }
}

}  // namespace sim::explore
