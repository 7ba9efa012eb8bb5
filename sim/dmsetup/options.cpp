// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/options.h"

#include <cerrno>
#include <cstdlib>
#include <fmt/core.h>
#include <string_view>
#include <strings.h>

#include "sim/dmsetup/getopt.h"
#include "sim/dmsetup/option_tables.h"
#include "sim/text/split.h"

namespace sim::dmsetup {
namespace {

using namespace option_tables;  // NOLINT(google-build-using-namespace): its one user

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
    for (const SwitchOption& known : switch_options) {
      if (known.option == option) {
        o.*known.member = true;
        return true;
      }
    }
    for (const TextOption& known : text_options) {
      if (known.option == option) {
        o.*known.member = argument;
        return true;
      }
    }
    return take_special(option, argument);
  }

  bool take_special(int option, const std::string& argument) {
    Options& o = result_.options;
    switch (option) {
      case 'j':
        o.major = number_prefix(argument);
        return true;
      case 'm':
        o.minor = number_prefix(argument);
        return true;
      case 'v':
        o.verbose++;
        return true;
      case udev_cookie:
        o.udev_cookie = static_cast<std::uint32_t>(std::strtoul(argument.c_str(), nullptr, 0));
        return true;
      case 'M':
        return check_mode(argument);
      case count:
        return take_count(argument);
      case interval:
        return take_interval(argument);
      case mangle_name:
        return take_mangling(argument);
      case read_ahead:
        return take_read_ahead(argument);
      default:
        return true;  // owners of device nodes, udev, statistics
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
      mangling = libdm::Mangling::none;
    } else if (strcasecmp(argument.c_str(), "auto") == 0) {
      mangling = libdm::Mangling::automatic;
    } else if (strcasecmp(argument.c_str(), "hex") == 0) {
      mangling = libdm::Mangling::hex;
    } else {
      return refuse("Unknown name mangling mode.");
    }
    return true;
  }

  bool take_read_ahead(const std::string& argument) {
    libdm::ReadAhead& wanted = result_.options.read_ahead.emplace();
    if (strcasecmp(argument.c_str(), "auto") == 0) return true;
    wanted.automatic = false;
    if (strcasecmp(argument.c_str(), "none") == 0) return true;
    wanted.minimum = trimmed_front(argument).starts_with('+');
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

bool valid_units(const std::string& text) {
  char* letter = nullptr;
  const bool numbered = !text.empty() && text[0] >= '0' && text[0] <= '9';
  if (numbered && std::strtod(text.c_str(), &letter) == 0) return false;
  const char unit = numbered ? *letter : text[0];
  return unit != 0 && std::string_view("hHrRbBsSkKmMgGtTpPeE").find(unit) != std::string_view::npos;
}

ParsedOptions parse_options(std::span<const std::string> arguments) {
  return OptionReader().read(arguments);
}

}  // namespace sim::dmsetup
