// SPDX-License-Identifier: GPL-2.0-or-later
// The fields that `info -c -o FIELDS` can print.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/dmsetup/dependency_tree.h"
#include "sim/dmsetup/task.h"

namespace sim::dmsetup {

// What must be asked for a field, a set of bits.
enum ReportTypes : std::uint32_t {
  report_task = 1,
  report_info = 2,
  report_deps = 4,
  report_tree = 8,
  report_name = 16,
  report_stats = 32,
  report_region = 64,
  report_special = 0x80000000
};

// A device's name taken apart as LVM composes it.
struct SplitName {
  std::string subsystem, vg_name, lv_name, lv_layer;
};
SplitName split_lvm_name(std::string_view subsystem, std::string_view name);

// One row's sources; those that no field needs are missing.
struct ReportObject {
  Session* session = nullptr;
  const Task* task = nullptr;
  Info info;
  std::vector<std::uint64_t> deps;
  const TreeNode* tree_node = nullptr;
  const DependencyTree* tree = nullptr;
  SplitName split;
};

struct FieldValue {
  std::string text;
  std::uint64_t number = 0;  // what a numeric field is sorted and compared by
};

struct Field {
  ReportTypes type;
  bool numeric;  // aligned to the right, compared as a number
  std::string_view heading;
  int width;  // at least so wide
  std::string_view id;
  std::optional<FieldValue> (*value)(const ReportObject&);  // nothing: the row cannot be printed
};

std::span<const Field> report_fields();

// The prefix of each type: it may stand before a field's name, and PREFIX_all means all of them.
struct TypePrefix {
  ReportTypes type;
  std::string_view prefix;
};
std::span<const TypePrefix> report_type_prefixes();

}  // namespace sim::dmsetup
