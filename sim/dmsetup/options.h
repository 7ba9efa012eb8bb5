// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup's options. Every command accepts every option; most ignore most of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/libdm/mangling.h"
#include "sim/libdm/node_operations.h"

namespace sim::dmsetup {

struct Options {
  bool add_node_on_create = false;
  bool add_node_on_resume = false;
  bool all_programs = false;
  bool all_regions = false;
  bool checks = false;
  bool columns = false;
  bool concise = false;
  bool count_given = false;
  int count = 0;
  bool deferred = false;
  std::optional<std::string> exec;
  std::optional<std::string> follow;
  bool force = false;
  bool help = false;
  bool inactive = false;
  bool interval_given = false;
  int interval = 0;  // seconds
  std::optional<int> major;
  std::optional<int> minor;
  std::optional<libdm::Mangling> mangling;
  bool name_prefixes = false;
  bool no_flush = false;
  bool no_headings = false;
  bool no_lockfs = false;
  bool no_monitor = false;
  bool no_open_count = false;
  bool no_table = false;
  std::optional<std::string> fields;  // -o: fields of a report, or options of ls and deps
  std::optional<std::string> program_id;
  bool read_only = false;
  std::optional<libdm::ReadAhead> read_ahead;  // "+N": a minimum
  std::optional<std::string> region_id;
  bool retry = false;
  bool rows = false;
  std::optional<std::string> select;
  std::optional<std::string> separator;
  bool set_uuid = false;
  std::optional<std::string> sort;
  std::optional<std::string> table;
  std::optional<std::string> target;
  bool tree = false;
  std::optional<std::string> units;
  bool unquoted = false;
  bool show_keys = false;
  std::optional<std::string> uuid;
  std::uint32_t udev_cookie = 0;
  unsigned verbose = 0;
  bool version = false;
  bool yes = false;
};

struct ParsedOptions {
  bool ok = true;
  std::string error;               // one line, not ok
  Options options;                 // as far as they were read
  std::vector<std::string> words;  // the command and its arguments
};

// `arguments` is the command line without the program's name.
ParsedOptions parse_options(std::span<const std::string> arguments);

// Whether --units has a value that dmsetup knows: a letter, and perhaps a number that is not zero before it.
bool valid_units(const std::string& text);

// atoi(3): the number at the beginning of a text, 0 if there is none.
int number_prefix(const std::string& text);

}  // namespace sim::dmsetup
