// SPDX-License-Identifier: GPL-2.0-or-later
// Which options dmsetup has. For options.cpp only.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sim/dmsetup/getopt.h"
#include "sim/dmsetup/options.h"

namespace sim::dmsetup::option_tables {

// Long options without a short form get values above the letters. Those of "dmsetup stats" are known, so that
// abbreviations are ambiguous where they are for dmsetup; most have no effect.
enum OptionValue : int {
  add_node_on_create = 256,
  add_node_on_resume,
  all_programs,
  all_regions,
  checks,
  concise,
  count,
  deferred,
  exec,
  follow,
  inactive,
  interval,
  mangle_name,
  name_prefixes,
  no_flush,
  no_headings,
  no_lockfs,
  no_monitor,
  no_open_count,
  program_id,
  read_ahead,
  region_id,
  retry,
  rows,
  separator,
  set_uuid,
  show_keys,
  table,
  target,
  tree,
  udev_cookie,
  units,
  unquoted,
  version,
  ignored
};

inline constexpr std::string_view short_options = "cCfG:hj:m:M:no:O:rS:u:U:vy";

inline constexpr std::array long_options = std::to_array<LongOption>({
    {"readonly", false, 'r'},
    {"alias", true, ignored},
    {"alldevices", false, ignored},
    {"allprograms", false, all_programs},
    {"allregions", false, all_regions},
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
    {"follow", true, follow},
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
    {"nomonitor", false, no_monitor},
    {"noudevrules", false, ignored},
    {"noudevsync", false, ignored},
    {"options", true, 'o'},
    {"precise", false, ignored},
    {"programid", true, program_id},
    {"raw", false, ignored},
    {"readahead", true, read_ahead},
    {"region", false, ignored},
    {"regions", true, ignored},
    {"regionid", true, region_id},
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
    {"units", true, units},
    {"uuid", true, 'u'},
    {"unbuffered", false, ignored},  // dmsetup knows the word, and no more
    {"unquoted", false, unquoted},
    {"userdata", true, ignored},
    {"verbose", true, 'v'},
    {"verifyudev", false, ignored},
    {"version", false, version},
    {"yes", false, 'y'},
    {"addnodeonresume", false, add_node_on_resume},
    {"addnodeoncreate", false, add_node_on_create},
});

struct SwitchOption {
  int option;
  bool Options::*member;
};

inline constexpr std::array switch_options = std::to_array<SwitchOption>({
    {'c', &Options::columns},
    {'C', &Options::columns},
    {'f', &Options::force},
    {'h', &Options::help},
    {'n', &Options::no_table},
    {'r', &Options::read_only},
    {'y', &Options::yes},
    {add_node_on_create, &Options::add_node_on_create},
    {add_node_on_resume, &Options::add_node_on_resume},
    {all_programs, &Options::all_programs},
    {all_regions, &Options::all_regions},
    {checks, &Options::checks},
    {concise, &Options::concise},
    {deferred, &Options::deferred},
    {inactive, &Options::inactive},
    {name_prefixes, &Options::name_prefixes},
    {no_flush, &Options::no_flush},
    {no_headings, &Options::no_headings},
    {no_lockfs, &Options::no_lockfs},
    {no_monitor, &Options::no_monitor},
    {no_open_count, &Options::no_open_count},
    {retry, &Options::retry},
    {rows, &Options::rows},
    {set_uuid, &Options::set_uuid},
    {show_keys, &Options::show_keys},
    {tree, &Options::tree},
    {unquoted, &Options::unquoted},
    {version, &Options::version},
});

struct TextOption {
  int option;
  std::optional<std::string> Options::*member;
};

inline constexpr std::array text_options = std::to_array<TextOption>({
    {'o', &Options::fields},
    {'O', &Options::sort},
    {'S', &Options::select},
    {'u', &Options::uuid},
    {exec, &Options::exec},
    {follow, &Options::follow},
    {program_id, &Options::program_id},
    {region_id, &Options::region_id},
    {separator, &Options::separator},
    {table, &Options::table},
    {target, &Options::target},
    {units, &Options::units},
});

}  // namespace sim::dmsetup::option_tables
