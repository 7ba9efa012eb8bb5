// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/options.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fmt/core.h>
#include <strings.h>

#include "sim/dmsetup/getopt.h"

namespace sim::dmsetup {
namespace {

// Long options without a short form get values above the letters. Those of "dmsetup stats" are known, so that
// abbreviations are ambiguous where they are for dmsetup, and have no effect.
enum Value : int {
  add_node_on_create = 256,
  add_node_on_resume,
  checks,
  concise,
  count,
  deferred,
  exec,
  inactive,
  interval,
  mangle_name,
  name_prefixes,
  no_flush,
  no_headings,
  no_lockfs,
  no_open_count,
  read_ahead,
  retry,
  rows,
  separator,
  set_uuid,
  show_keys,
  table,
  target,
  tree,
  udev_cookie,
  unbuffered,
  unquoted,
  version,
  ignored
};

constexpr std::string_view short_options = "cCfG:hj:m:M:no:O:rS:u:U:vy";

constexpr std::array long_options = std::to_array<LongOption>({
    {"readonly", false, 'r'},
    {"alias", true, ignored},
    {"alldevices", false, ignored},
    {"allprograms", false, ignored},
    {"allregions", false, ignored},
    {"area", false, ignored},
    {"areas", true, ignored},
    {"areasize", true, ignored},
    {"bounds", true, ignored},
    {"checks", false, checks},
    {"clear", false, ignored},
    {"columns", false, 'c'},
    {"concise", false, concise},
    {"count", true, count},
    {"deferred", false, deferred},
    {"select", true, 'S'},
    {"exec", true, exec},
    {"filemap", false, ignored},
    {"follow", true, ignored},
    {"force", false, 'f'},
    {"foreground", false, ignored},
    {"gid", true, 'G'},
    {"group", false, ignored},
    {"groupid", true, ignored},
    {"help", false, 'h'},
    {"histogram", false, ignored},
    {"inactive", false, inactive},
    {"interval", true, interval},
    {"length", true, ignored},
    {"manglename", true, mangle_name},
    {"major", true, 'j'},
    {"minor", true, 'm'},
    {"mode", true, 'M'},
    {"nameprefixes", false, name_prefixes},
    {"nogroup", false, ignored},
    {"noflush", false, no_flush},
    {"noheadings", false, no_headings},
    {"nolockfs", false, no_lockfs},
    {"noopencount", false, no_open_count},
    {"nosuffix", false, ignored},
    {"notable", false, 'n'},
    {"notimesuffix", false, ignored},
    {"udevcookie", true, udev_cookie},
    {"nomonitor", false, ignored},
    {"noudevrules", false, ignored},
    {"noudevsync", false, ignored},
    {"options", true, 'o'},
    {"precise", false, ignored},
    {"programid", true, ignored},
    {"raw", false, ignored},
    {"readahead", true, read_ahead},
    {"region", false, ignored},
    {"regions", true, ignored},
    {"regionid", true, ignored},
    {"relative", false, ignored},
    {"retry", false, retry},
    {"rows", false, rows},
    {"segments", false, ignored},
    {"separator", true, separator},
    {"setuuid", false, set_uuid},
    {"showkeys", false, show_keys},
    {"sort", true, 'O'},
    {"start", true, ignored},
    {"table", true, table},
    {"target", true, target},
    {"tree", false, tree},
    {"uid", true, 'U'},
    {"units", true, ignored},
    {"uuid", true, 'u'},
    {"unbuffered", false, unbuffered},
    {"unquoted", false, unquoted},
    {"userdata", true, ignored},
    {"verbose", true, 'v'},
    {"verifyudev", false, ignored},
    {"version", false, version},
    {"yes", false, 'y'},
    {"addnodeonresume", false, add_node_on_resume},
    {"addnodeoncreate", false, add_node_on_create},
});

class OptionReader {
 public:
  ParsedOptions read(std::span<const std::string> arguments) {
    CommandLine line =
        read_command_line(arguments, short_options, long_options, [this](const FoundOption& found) {
          return take(found.letter != 0 ? found.letter : found.value, found.argument);
        });
    result_.words = std::move(line.words);
    if (!line.ok) return fail_with(line.error.empty() ? result_.error : line.error);
    check_combinations();
    return std::move(result_);
  }

 private:
  ParsedOptions fail_with(std::string text) {
    result_.ok = false;
    result_.error = std::move(text);
    return std::move(result_);
  }
  bool refuse(std::string text) {
    result_.error = std::move(text);
    return false;
  }

  bool take(int option, const std::string& argument) {
    Options& o = result_.options;
    switch (option) {
      case 'c':
      case 'C':
        o.columns = true;
        return true;
      case 'f':
        o.force = true;
        return true;
      case 'h':
        o.help = true;
        return true;
      case 'j':
        o.major = number_prefix(argument);
        return true;
      case 'm':
        o.minor = number_prefix(argument);
        return true;
      case 'M':
        return check_mode(argument);
      case 'n':
        o.no_table = true;
        return true;
      case 'o':
        o.fields = argument;
        return true;
      case 'O':
        o.sort = argument;
        return true;
      case 'r':
        o.read_only = true;
        return true;
      case 'S':
        o.select = argument;
        return true;
      case 'u':
        o.uuid = argument;
        return true;
      case 'v':
        o.verbose++;
        return true;
      case 'y':
        o.yes = true;
        return true;
      case add_node_on_create:
        o.add_node_on_create = true;
        return true;
      case add_node_on_resume:
        o.add_node_on_resume = true;
        return true;
      case checks:
        o.checks = true;
        return true;
      case concise:
        o.concise = true;
        return true;
      case count:
        return take_count(argument);
      case deferred:
        o.deferred = true;
        return true;
      case exec:
        o.exec = argument;
        return true;
      case inactive:
        o.inactive = true;
        return true;
      case interval:
        return take_interval(argument);
      case mangle_name:
        return take_mangling(argument);
      case name_prefixes:
        o.name_prefixes = true;
        return true;
      case no_flush:
        o.no_flush = true;
        return true;
      case no_headings:
        o.no_headings = true;
        return true;
      case no_lockfs:
        o.no_lockfs = true;
        return true;
      case no_open_count:
        o.no_open_count = true;
        return true;
      case read_ahead:
        return take_read_ahead(argument);
      case retry:
        o.retry = true;
        return true;
      case rows:
        o.rows = true;
        return true;
      case separator:
        o.separator = argument;
        return true;
      case set_uuid:
        o.set_uuid = true;
        return true;
      case show_keys:
        o.show_keys = true;
        return true;
      case table:
        o.table = argument;
        return true;
      case target:
        o.target = argument;
        return true;
      case tree:
        o.tree = true;
        return true;
      case udev_cookie:
        o.udev_cookie = static_cast<std::uint32_t>(std::strtoul(argument.c_str(), nullptr, 0));
        return true;
      case unbuffered:
        o.unbuffered = true;
        return true;
      case unquoted:
        o.unquoted = true;
        return true;
      case version:
        o.version = true;
        return true;
      default:
        return true;  // owners and modes of device nodes, udev, statistics
    }
  }

  bool take_count(const std::string& argument) {
    result_.options.count_given = true;
    result_.options.count = number_prefix(argument);
    return result_.options.count >= 0 || refuse("Count must be zero or greater.");
  }

  bool take_interval(const std::string& argument) {
    result_.options.interval_given = true;
    result_.options.interval = number_prefix(argument);
    return result_.options.interval > 0 || refuse("Interval must be a positive integer.");
  }

  bool check_mode(const std::string& argument) {
    char* end = nullptr;
    errno = 0;
    const long mode = std::strtol(argument.c_str(), &end, 8);
    if (errno == 0 && *end == '\0' && static_cast<int>(mode) != 0) return true;
    return refuse(fmt::format("Invalid argument for --mode: {}. ", argument));
  }

  bool take_mangling(const std::string& argument) {
    auto& mangling = result_.options.mangling;
    if (strcasecmp(argument.c_str(), "none") == 0) {
      mangling = Mangling::none;
    } else if (strcasecmp(argument.c_str(), "auto") == 0) {
      mangling = Mangling::automatic;
    } else if (strcasecmp(argument.c_str(), "hex") == 0) {
      mangling = Mangling::hex;
    } else {
      return refuse("Unknown name mangling mode.");
    }
    return true;
  }

  bool take_read_ahead(const std::string& argument) {
    ReadAhead& wanted = result_.options.read_ahead.emplace();
    if (strcasecmp(argument.c_str(), "auto") == 0) return true;
    wanted.automatic = false;
    if (strcasecmp(argument.c_str(), "none") == 0) return true;
    const auto first = argument.find_first_not_of(" \t\n\v\f\r");
    wanted.minimum = first != std::string::npos && argument[first] == '+';
    const int sectors = number_prefix(argument);
    if (sectors < -1)
      return refuse(fmt::format("Negative read ahead value ({}) is not understood.", sectors));
    wanted.automatic = sectors == -1;
    wanted.sectors = static_cast<std::uint32_t>(sectors);
    return true;
  }

  void check_combinations() {
    const Options& o = result_.options;
    if (o.major.has_value() != o.minor.has_value()) {
      result_.error = "Please specify both major number and minor number.";
    } else if (o.table && o.no_table) {
      result_.error = "--table and --notable are incompatible.";
    } else if (o.add_node_on_resume && o.add_node_on_create) {
      result_.error = "--addnodeonresume and --addnodeoncreate are incompatible.";
    }
    result_.ok = result_.error.empty();
  }

  ParsedOptions result_;
};

}  // namespace

int number_prefix(const std::string& text) {
  return static_cast<int>(std::strtol(text.c_str(), nullptr, 10));
}

ParsedOptions parse_options(std::span<const std::string> arguments) {
  return OptionReader().read(arguments);
}

}  // namespace sim::dmsetup
