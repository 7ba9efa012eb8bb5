// SPDX-License-Identifier: GPL-2.0-or-later
// The control interface: any commands with any buffers, to a machine that has a few devices.
//
// The input is a list of calls: a CallHead, and then the bytes that the caller's buffer begins with; the
// rest of the buffer is zero. `fixes` says which fields of the header are made right first, since few buffers
// get far without.
#include <algorithm>
#include <cstring>

#include "dmcore/dm/ioctl_format.h"

#include "sim/host/sha256.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/target_bench.h"

namespace fuzz {
namespace {

using dmcore::ioctl::Command;
using dmcore::ioctl::IoctlHeader;

constexpr std::uint64_t steps_max = 100'000;
constexpr std::size_t calls_max = 16;
constexpr std::size_t buffer_bytes_max = 8192;

struct CallHead {
  std::uint8_t command;
  std::uint8_t fixes;
  std::uint8_t device;         // whose name is put into the header
  std::uint8_t given_low;      // bytes that follow
  std::uint8_t given_high;     //
  std::uint8_t more_by_eight;  // the rest of the buffer, in units of 8 bytes
};

constexpr std::uint8_t fix_version = 1;
constexpr std::uint8_t fix_size = 2;
constexpr std::uint8_t fix_start = 4;
constexpr std::uint8_t fix_name = 8;
constexpr std::uint8_t fix_uuid = 16;  // empty

// Those that there are, one that there is not, and a name that needs care.
constexpr std::array<std::string_view, 6> device_names{"c", "l", "e", "f", "none", "a b"};

void fix(const CallHead& head, std::vector<std::byte>& buffer) {
  if (buffer.size() < dmcore::ioctl::minimum_data_size) return;
  IoctlHeader header{};
  std::memcpy(&header, buffer.data(), dmcore::ioctl::minimum_data_size);
  if ((head.fixes & fix_version) != 0) {
    header.version[0] = dmcore::ioctl::version_major;
    header.version[1] = 0;
  }
  if ((head.fixes & fix_size) != 0) header.data_size = static_cast<std::uint32_t>(buffer.size());
  if ((head.fixes & fix_start) != 0) header.data_start = sizeof header;
  if ((head.fixes & fix_uuid) != 0) header.uuid[0] = '\0';
  if ((head.fixes & fix_name) != 0) {
    const std::string_view name = device_names[head.device % device_names.size()];
    std::memcpy(header.name, name.data(), name.size());
    header.name[name.size()] = '\0';
    header.dev = 0;
  }
  std::memcpy(buffer.data(), &header, dmcore::ioctl::minimum_data_size);
}

// Takes the next call off the input. False at its end.
bool next_call(std::span<const std::uint8_t>& input, CallHead& head, std::vector<std::byte>& buffer) {
  if (input.size() < sizeof head) return false;
  std::memcpy(&head, input.data(), sizeof head);
  input = input.subspan(sizeof head);
  const std::size_t given =
      std::min<std::size_t>({input.size(), head.given_low + 256U * head.given_high, buffer_bytes_max});
  buffer.assign(given + 8U * head.more_by_eight, std::byte{0});
  if (given != 0) std::memcpy(buffer.data(), input.data(), given);
  input = input.subspan(given);
  fix(head, buffer);
  return true;
}

void make_devices(TargetBench& bench) {
  bench.dmsetup({"create", "c", "--table", "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration"});
  bench.dmsetup({"create", "l", "-u", "uuid-l", "--table", "0 8 linear /dev/loop3 0\n8 8 zero"});
  bench.dmsetup({"load", "l", "--table", "0 16 error"});
  bench.dmsetup({"create", "e", "--notable", "-u", "uuid-e"});
  bench.dmsetup({"create", "f", "--table", "0 16 dust /dev/loop4 0 4096"});
}

void call(TargetBench& bench, std::uint32_t command, std::vector<std::byte> buffer) {
  bench.call([&bench, command, buffer = std::move(buffer)]() mutable {
    const dmcore::Status status = bench.machine().dm().control(command, buffer);
    bench.say(status.ok() ? "ok" : dmcore::errno_name(status.error()));
    sim::host::Sha256 hash;
    hash.add(buffer);
    bench.say(hash.finish());
  });
}

Outcome run(std::span<const std::uint8_t> input) {
  TargetBench bench(steps_max);
  return bench.outcome_of([&] {
    make_devices(bench);
    CallHead head{};
    std::vector<std::byte> buffer;
    for (std::size_t i = 0; i < calls_max && next_call(input, head, buffer); ++i) {
      constexpr unsigned commands = 20;  // two more than there are
      call(bench, head.command % commands, buffer);
    }
    for (const char* question : {"table", "status", "info"}) bench.dmsetup({question});
    bench.touch("/dev/mapper/c");
    bench.dmsetup({"remove_all"});
  });
}

constexpr std::uint8_t fix_all = fix_version | fix_size | fix_start | fix_name | fix_uuid;

// One call, with its payload at data_start.
Input seed(Command command, std::uint8_t device, std::uint32_t flags, std::string_view payload,
           std::uint32_t target_count = 0) {
  const std::size_t given = sizeof(IoctlHeader) + payload.size();
  const CallHead head{static_cast<std::uint8_t>(command),
                      fix_all,
                      device,
                      static_cast<std::uint8_t>(given & 255U),
                      static_cast<std::uint8_t>(given >> 8U),
                      static_cast<std::uint8_t>(64)};
  IoctlHeader header{};
  header.flags = flags;
  header.target_count = target_count;
  Input input(sizeof head + given);
  std::memcpy(input.data(), &head, sizeof head);
  std::memcpy(input.data() + sizeof head, &header, sizeof header);
  std::copy(payload.begin(), payload.end(),
            input.begin() + static_cast<std::ptrdiff_t>(sizeof head + sizeof header));
  return input;
}

// A table's lines as table_load takes them.
std::string target_spec(std::uint64_t start, std::uint64_t length, std::string_view type,
                        std::string params) {
  params.resize(dmcore::ioctl::align_record(params.size() + 1));
  dmcore::ioctl::TargetSpec spec{};
  spec.sector_start = start;
  spec.length = length;
  spec.next = static_cast<std::uint32_t>(sizeof spec + params.size());
  std::copy(type.begin(), type.end(), spec.target_type);
  return std::string(reinterpret_cast<const char*>(&spec), sizeof spec) + params;  // NOLINT: as bytes
}

std::vector<Input> seeds() {
  using namespace dmcore::ioctl;  // NOLINT: its many flags
  const std::string message(sizeof(TargetMessage), '\0');
  const std::string lines = target_spec(0, 8, "linear", "/dev/loop3 0") + target_spec(8, 16, "zero", "");
  std::vector<Input> all;
  for (std::uint8_t command = 0; command < 18; ++command)
    all.push_back(seed(static_cast<Command>(command), command % device_names.size(), 0, "linear"));
  all.push_back(seed(Command::table_load, 2, 0, lines, 2));
  all.push_back(seed(Command::table_load, 1, flag_readonly | flag_secure_data, lines, 2));
  all.push_back(seed(Command::dev_suspend, 0, flag_suspend, ""));
  all.push_back(seed(Command::dev_suspend, 1, flag_suspend | flag_noflush | flag_skip_lockfs, ""));
  all.push_back(seed(Command::table_status, 0, flag_status_table | flag_noflush, ""));
  all.push_back(seed(Command::table_status, 1, flag_query_inactive_table | flag_ima_measurement, ""));
  all.push_back(seed(Command::target_message, 0, 0, message + "enable_hydration"));
  all.push_back(seed(Command::target_message, 3, 0, message + "addbadblock 1"));
  all.push_back(seed(Command::target_message, 0, 0, message + "@cancel_deferred_remove"));
  all.push_back(seed(Command::dev_rename, 0, 0, "another"));
  all.push_back(seed(Command::dev_rename, 0, flag_uuid, "uuid-c"));
  all.push_back(seed(Command::dev_set_geometry, 1, 0, "1 1 16 0"));
  all.push_back(seed(Command::dev_remove, 1, flag_deferred_remove, ""));
  Input many;
  for (const Input& one : {all[18], all[20], all[10], all[22]})
    many.insert(many.end(), one.begin(), one.end());
  all.push_back(many);
  return all;
}

}  // namespace

Target control_target() {
  return {.name = "control", .run = run, .seeds = seeds, .mutate = nullptr};
}

}  // namespace fuzz
