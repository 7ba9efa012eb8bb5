// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario, parsed: a list of commands that are known to make sense.
#pragma once

#include <boost/regex.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dmcore/block/block_device.h"
#include "dmcore/kernel/types.h"

#include "sim/disk/fault.h"
#include "sim/language/pattern.h"
#include "sim/language/source.h"

namespace sim::language {

// Sectors and counts are signed, as offsets of system calls are: a negative one is refused by the device.
struct DiskCommand {
  std::string name;
  std::optional<std::uint64_t> size_bytes;  // if missing, that of the file
  std::optional<std::string> file;          // of the host, with the content; if missing, memory
  std::uint32_t logical_block_size = 512;
  bool discard = true;
  std::uint64_t discard_max_bytes = 0;  // 0: unlimited
  bool read_only = false;
  bool volatile_cache = true;
  dmcore::Duration read_latency{0};
  dmcore::Duration write_latency{0};
  dmcore::Duration flush_latency{0};
  std::uint64_t bytes_per_second = 0;
  std::optional<dmcore::DevT> number;  // if missing, the next free one
  std::vector<Fault> faults;
};
struct DmsetupCommand {
  std::vector<std::string> arguments;
  std::string input = {};  // its standard input
};
struct WriteCommand {
  std::string device;
  std::int64_t sector;
  std::int64_t count;
  Pattern pattern;
  bool fua = false;
};
struct ReadCommand {
  std::string device;
  std::int64_t sector;
  std::int64_t count;
};
struct Sha256Command {
  std::string device;
  bool whole;  // the whole device; sector and count are not used then
  std::int64_t sector;
  std::int64_t count;
};
struct DiscardCommand {
  std::string device;
  std::int64_t sector;
  std::int64_t count;
};
struct FlushCommand {
  std::string device;
};
struct IostatCommand {
  std::string disk;
};
struct SysfsCommand {
  std::string device;
  std::string attribute;
};
// A parameter of a kernel module: prints it, or sets it.
struct ParameterCommand {
  std::string module;
  std::string name;
  std::optional<std::string> value;
};
struct DropCachesCommand {};
struct PokeCommand {
  std::string disk;
  std::uint64_t offset;  // bytes
  std::vector<std::byte> bytes;
};
// From now on the disk has these faults, and no others.
struct FaultCommand {
  std::string disk;
  std::vector<Fault> faults;
};
struct LoadCommand {
  std::string disk;
  std::string file;
};
struct SaveCommand {
  std::string disk;
  std::string file;
};
// Creates the devices of a real machine's `dmsetup table` output, and disks below them.
struct TablesCommand {
  std::string file;
  std::optional<std::string> devices;  // a file with device numbers: see sim/tables/device_list.h
  DiskCommand disk;                    // the options of each disk that is made, without size, file or number
  std::optional<std::uint32_t> dm_major;  // of device-mapper on the real machine
  std::vector<std::pair<dmcore::DevT, std::string>>
      said;                // numbers there, and the mapped devices that have them
  bool leave_out = false;  // devices that are missing are not replaced
};
struct SleepCommand {
  dmcore::Duration duration;
};
struct UntilCommand {
  std::string device;
  boost::regex pattern;
  dmcore::Duration timeout;
};
struct WaitCommand {};
// Cuts the power of the machine, and starts it again.
struct CrashCommand {
  // Which of its candidates a block keeps.
  enum class Keep : std::uint8_t { durable, newest, drawn };
  std::vector<std::string> disks;  // that lose their caches; empty: all
  Keep keep = Keep::durable;
  std::uint64_t seed = 0;  // of what is drawn
};
struct ExpectCommand {
  std::string text;  // of the pattern, as written
  boost::regex pattern;
};

using CommandBody =
    std::variant<DiskCommand, DmsetupCommand, WriteCommand, ReadCommand, Sha256Command, DiscardCommand,
                 FlushCommand, IostatCommand, SysfsCommand, ParameterCommand, DropCachesCommand, PokeCommand,
                 FaultCommand, LoadCommand, SaveCommand, TablesCommand, SleepCommand, UntilCommand,
                 WaitCommand, CrashCommand, ExpectCommand>;

struct Command {
  std::string_view name;  // static
  std::string echo;       // how the transcript shows it: lines that begin with "> "
  SourcePosition where;
  bool background = false;
  bool then = false;  // begins when the command before it, which runs in the background, has ended
  CommandBody body;
};

struct Scenario {
  std::vector<Command> commands;
};

}  // namespace sim::language
