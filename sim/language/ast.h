// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario, parsed: a list of commands that are known to make sense.
#pragma once

#include <boost/regex.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dmcore/block/block_device.h"
#include "dmcore/kernel/types.h"

#include "sim/language/pattern.h"
#include "sim/language/source.h"

namespace sim::language {

// Sectors and counts are signed: a negative one is a question that the device answers.
struct DiskCommand {
  std::string name;
  std::optional<std::uint64_t> size_bytes;  // missing: the file's
  std::optional<std::string> file;          // where it is kept; missing: in memory
  std::uint32_t logical_block_size = 512;
  bool discard = true;
  std::uint64_t discard_max_bytes = 0;  // 0: no such limit
  bool read_only = false;
  dmcore::Duration read_latency{0};
  dmcore::Duration write_latency{0};
  dmcore::Duration flush_latency{0};
  std::uint64_t bytes_per_second = 0;
  std::optional<dmcore::DevT> number;  // missing: the next one
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
  bool whole;  // all of the device; then the numbers mean nothing
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
struct PokeCommand {
  std::string disk;
  std::uint64_t offset;  // bytes
  std::vector<std::byte> bytes;
};
struct LoadCommand {
  std::string disk;
  std::string file;
};
struct SaveCommand {
  std::string disk;
  std::string file;
};
// Makes the devices of a real machine's `dmsetup table`, and disks below them.
struct TablesCommand {
  std::string file;
  std::optional<std::string> devices;     // a file that tells numbers: see sim/tables/device_list.h
  DiskCommand disk;                       // the options of each disk that is made, without size, file or number
  std::optional<std::uint32_t> dm_major;  // of device-mapper on the real machine
  std::vector<std::pair<dmcore::DevT, std::string>>
      said;                // numbers there, and the mapped devices that have them
  bool leave_out = false;  // nothing stands in for what there is not
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
struct ExpectCommand {
  std::string text;  // the pattern as it was written
  boost::regex pattern;
};

using CommandBody =
    std::variant<DiskCommand, DmsetupCommand, WriteCommand, ReadCommand, Sha256Command, DiscardCommand,
                 FlushCommand, IostatCommand, SysfsCommand, PokeCommand, LoadCommand, SaveCommand,
                 TablesCommand, SleepCommand, UntilCommand, WaitCommand, ExpectCommand>;

struct Command {
  std::vector<std::string> words;  // as written, with the "&" of a background command
  std::vector<std::string> echo;   // how the transcript shows it, without the "> " before each line
  SourcePosition where;
  bool background = false;
  CommandBody body;
};

struct Scenario {
  std::string directory;  // where the files that it names are; empty: the current one
  std::vector<Command> commands;
};

}  // namespace sim::language
