// SPDX-License-Identifier: GPL-2.0-or-later
// The fields that `info -c -o FIELDS` can print.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/libdm/dependency_tree.h"
#include "sim/libdm/lvm_name.h"
#include "sim/libdm/report_field.h"
#include "sim/libdm/task.h"

namespace sim::dmsetup {

// What has to be found out about a device for a field, a set of bits.
enum ReportTypes : std::uint32_t {
  report_task = 1,
  report_info = 2,
  report_deps = 4,
  report_tree = 8,
  report_name = 16,
  report_stats = 32,
  report_region = 64
};

// What was found out about one device; what no field needs is missing.
struct ReportedDevice {
  libdm::Context* context = nullptr;
  const libdm::Task* task = nullptr;
  libdm::Info info;
  std::vector<std::uint64_t> deps;
  const libdm::TreeNode* tree_node = nullptr;
  const libdm::DependencyTree* tree = nullptr;
  libdm::SplitName split;
};

const libdm::FieldSet& device_fields();
// The value of a field, by its place in device_fields(). Nothing, with an error logged in most cases, if the
// row cannot be printed.
std::optional<libdm::FieldValue> value_of(std::size_t field, const ReportedDevice& device);

}  // namespace sim::dmsetup
