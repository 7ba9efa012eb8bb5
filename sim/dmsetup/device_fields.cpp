// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/device_fields.h"

#include <array>

#include "dmcore/dm/ioctl_format.h"

namespace sim::dmsetup {
namespace {

using libdm::DependencyTree;
using libdm::FieldValue;
using libdm::Info;
using libdm::MangleResult;
using libdm::Mangling;
using Object = ReportedDevice;
using Value = std::optional<FieldValue>;

Value text(std::string value) {
  return FieldValue{std::move(value), 0};
}
// Negative numbers sort behind all others, as the unsigned numbers they are turned into.
Value number(std::int64_t value) {
  return FieldValue{fmt::format("{}", value), static_cast<std::uint64_t>(value)};
}

std::string device_text(std::uint64_t device) {
  return fmt::format("{}:{}", dmcore::ioctl::device_major(device), dmcore::ioctl::device_minor(device));
}

Value mangled(const Object& object, const std::string& plain, std::string_view what, std::size_t size_max) {
  MangleResult result = libdm::mangle(plain, what, size_max, object.context->mangling);
  if (result.outcome == MangleResult::Outcome::failed) {
    object.context->error("{}", result.text);
    return std::nullopt;
  }
  return text(result.outcome == MangleResult::Outcome::changed ? result.text : plain);
}

// Answers come unmangled, except in mode none.
Value unmangled(const Object& object, const std::string& answer, std::string_view what) {
  if (object.context->mangling != Mangling::none) return text(answer);
  MangleResult result = libdm::unmangle(answer, what, Mangling::none);
  return text(result.outcome == MangleResult::Outcome::changed ? result.text : answer);
}

Value kernel_name(const Object& object) {
  auto name = object.context->system.block_device_name(object.info.device());
  if (name) return text(std::move(*name));
  object.context->error("Could not resolve block device name for {}:{}.", object.info.major,
                        object.info.minor);
  return std::nullopt;
}

Value attributes(const Object& object) {
  const Info& info = object.info;
  return text({info.live_table ? 'L' : '-', info.inactive_table ? 'I' : '-', info.suspended ? 's' : '-',
               info.read_only ? 'r' : 'w'});
}

Value tables_loaded(const Object& object) {
  const Info& info = object.info;
  if (info.live_table) return text(info.inactive_table ? "Both" : "Live");
  return text(info.inactive_table ? "Inactive" : "None");
}

void add_item(std::string& list, std::string_view item) {
  if (!list.empty()) list += ',';
  list += item;
}

// Names or numbers of the neighbours in the tree, separated by commas; the root has neither.
std::string neighbours(const Object& object, bool inverted, bool numbers) {
  std::string out;
  for (const libdm::TreeNode* node : DependencyTree::links(*object.tree_node, inverted)) {
    if (numbers ? node->info.device() == 0 : node->name.empty()) continue;
    add_item(out, numbers ? device_text(node->info.device()) : node->name);
  }
  return out;
}

Value devices_used(const Object& object) {
  std::string out;
  for (const std::uint64_t device : object.deps) add_item(out, device_text(device));
  return text(std::move(out));
}

Value kernel_names_used(const Object& object) {
  std::string out;
  for (const std::uint64_t device : object.deps) {
    const auto name = object.context->system.block_device_name(device);
    if (!name) {
      object.context->error("Could not resolve block device name for {}.", device_text(device));
      return std::nullopt;
    }
    add_item(out, *name);
  }
  return text(std::move(out));
}

// Statistics are not kept, so no row that has such a field is ever printed.
Value no_statistics(const Object&) {
  return std::nullopt;
}

// A field, and where its value comes from.
struct DeviceField {
  ReportTypes type;
  bool numeric;
  std::string_view heading;
  int width;
  std::string_view id;
  Value (*value)(const Object&);
};

constexpr DeviceField stats_field(std::string_view id, ReportTypes type = report_stats) {
  return {type, true, "", 0, id, no_statistics};
}

constexpr std::array fields = std::to_array<DeviceField>({
    {report_task, false, "Name", 16, "name", [](const Object& o) { return text(o.task->name()); }},
    {report_task, false, "MangledName", 16, "mangled_name",
     [](const Object& o) { return mangled(o, o.task->name(), "name", dmcore::ioctl::name_size); }},
    {report_task, false, "UnmangledName", 16, "unmangled_name",
     [](const Object& o) { return unmangled(o, o.task->name(), "name"); }},
    {report_task, false, "UUID", 32, "uuid", [](const Object& o) { return text(o.task->uuid()); }},
    {report_task, false, "MangledUUID", 32, "mangled_uuid",
     [](const Object& o) { return mangled(o, o.task->uuid(), "UUID", dmcore::ioctl::uuid_size); }},
    {report_task, false, "UnmangledUUID", 32, "unmangled_uuid",
     [](const Object& o) { return unmangled(o, o.task->uuid(), "UUID"); }},
    {report_task, true, "RAhead", 6, "read_ahead",
     [](const Object& o) { return number(o.task->read_ahead().value_or(0)); }},
    {report_info, false, "BlkDevName", 16, "blkdevname", kernel_name},
    {report_info, false, "Stat", 4, "attr", attributes},
    {report_info, false, "Tables", 6, "tables_loaded", tables_loaded},
    {report_info, false, "Suspended", 9, "suspended",
     [](const Object& o) { return text(o.info.suspended ? "Suspended" : "Active"); }},
    {report_info, false, "Read-only", 9, "readonly",
     [](const Object& o) { return text(o.info.read_only ? "Read-only" : "Writeable"); }},
    {report_info, false, "DevNo", 5, "devno",
     [](const Object& o) { return text(device_text(o.info.device())); }},
    {report_info, true, "Maj", 3, "major", [](const Object& o) { return number(o.info.major); }},
    {report_info, true, "Min", 3, "minor", [](const Object& o) { return number(o.info.minor); }},
    {report_info, true, "Open", 4, "open", [](const Object& o) { return number(o.info.open_count); }},
    {report_info, true, "Targ", 4, "segments", [](const Object& o) { return number(o.info.target_count); }},
    {report_info, true, "Event", 6, "events", [](const Object& o) { return number(o.info.event_nr); }},
    {report_deps, true, "#Devs", 5, "device_count",
     [](const Object& o) { return number(static_cast<std::int64_t>(o.deps.size())); }},
    {report_tree, false, "DevNamesUsed", 16, "devs_used",
     [](const Object& o) { return text(neighbours(o, false, false)); }},
    {report_deps, false, "DevNosUsed", 16, "devnos_used", devices_used},
    {report_deps, false, "BlkDevNamesUsed", 16, "blkdevs_used", kernel_names_used},
    {report_tree, true, "#Refs", 5, "device_ref_count",
     [](const Object& o) { return number(static_cast<std::int64_t>(o.tree->children(*o.tree_node, true))); }},
    {report_tree, false, "RefNames", 8, "names_using_dev",
     [](const Object& o) { return text(neighbours(o, true, false)); }},
    {report_tree, false, "RefDevNos", 9, "devnos_using_dev",
     [](const Object& o) { return text(neighbours(o, true, true)); }},
    {report_name, false, "Subsys", 6, "subsystem", [](const Object& o) { return text(o.split.subsystem); }},
    {report_name, false, "VG", 4, "vg_name", [](const Object& o) { return text(o.split.vg_name); }},
    {report_name, false, "LV", 4, "lv_name", [](const Object& o) { return text(o.split.lv_name); }},
    {report_name, false, "LVLayer", 7, "lv_layer", [](const Object& o) { return text(o.split.lv_layer); }},
    stats_field("read_count"),
    stats_field("reads_merged_count"),
    stats_field("read_sector_count"),
    stats_field("read_time"),
    stats_field("write_count"),
    stats_field("writes_merged_count"),
    stats_field("write_sector_count"),
    stats_field("write_time"),
    stats_field("in_progress_count"),
    stats_field("io_ticks"),
    stats_field("queue_ticks"),
    stats_field("read_ticks"),
    stats_field("write_ticks"),
    stats_field("reads_merged_per_sec"),
    stats_field("writes_merged_per_sec"),
    stats_field("reads_per_sec"),
    stats_field("writes_per_sec"),
    stats_field("read_size_per_sec"),
    stats_field("write_size_per_sec"),
    stats_field("avg_request_size"),
    stats_field("queue_size"),
    stats_field("await"),
    stats_field("read_await"),
    stats_field("write_await"),
    stats_field("throughput"),
    stats_field("service_time"),
    stats_field("util"),
    stats_field("hist_count"),
    stats_field("hist_count_bounds"),
    stats_field("hist_count_ranges"),
    stats_field("hist_percent"),
    stats_field("hist_percent_bounds"),
    stats_field("hist_percent_ranges"),
    stats_field("interval_ns"),
    stats_field("interval"),
    stats_field("region_id", report_region),
    stats_field("region_start", report_region),
    stats_field("region_len", report_region),
    stats_field("area_id", report_region),
    stats_field("area_start", report_region),
    stats_field("area_len", report_region),
    stats_field("area_offset", report_region),
    stats_field("area_count", report_region),
    stats_field("group_id", report_region),
    stats_field("program_id", report_region),
    stats_field("user_data", report_region),
    stats_field("precise", report_region),
    stats_field("hist_bins", report_region),
    stats_field("hist_bounds", report_region),
    stats_field("hist_ranges", report_region),
    stats_field("stats_name", report_region),
    stats_field("obj_type", report_region),
});

// The same fields as the report wants them.
constexpr auto reported_fields = [] {
  std::array<libdm::Field, fields.size()> out{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out[i] = {fields[i].type, fields[i].numeric, fields[i].heading, fields[i].width, fields[i].id};
  }
  return out;
}();

constexpr std::array prefixes = std::to_array<libdm::TypePrefix>({
    {report_task, "name_"},
    {report_info, "info_"},
    {report_deps, "deps_"},
    {report_tree, "tree_"},
    {report_name, "splitname_"},
    {report_stats, "stats_"},
    {report_region, "region_"},
});

}  // namespace

const libdm::FieldSet& device_fields() {
  static constexpr libdm::FieldSet set{
      .fields = reported_fields, .prefixes = prefixes, .unlisted_types = report_stats | report_region};
  return set;
}

std::optional<FieldValue> value_of(std::size_t field, const ReportedDevice& device) {
  return fields[field].value(device);
}

}  // namespace sim::dmsetup
