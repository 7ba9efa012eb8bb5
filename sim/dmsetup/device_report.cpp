// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/device_report.h"

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

using libdm::Report;
using libdm::Task;

Report::Options report_options(const Call& call) {
  const Options& options = call.session.options;
  const bool split_name = call.command.name == "splitname";
  Report::Options result;
  result.fields = split_name ? "vg_name,lv_name,lv_layer" : "name,major,minor,attr,open,segments,events,uuid";
  if (split_name) result.types = report_name;
  if (call.command.name == "stats") result.types = report_stats | report_region;
  if (options.no_headings) {
    result.separator = ":";
    result.aligned = false;
    result.headings = false;
  }
  if (options.separator) result.separator = *options.separator;
  if (options.name_prefixes || options.separator || options.rows) result.aligned = false;
  if (options.fields) {
    if (options.fields->find("help") != std::string::npos) result.headings = false;
    const bool adds = options.fields->starts_with('+');
    result.fields = adds ? fmt::format("{},{}", result.fields, options.fields->substr(1)) : *options.fields;
  }
  result.keys = options.sort.value_or("");
  result.selection = options.select;
  result.columns_as_rows = options.rows;
  result.name_prefixes = options.name_prefixes;
  result.quoted = !options.unquoted;
  return result;
}

// Gives the report a device's values, field by field.
Report::Values values_of(const ReportedDevice& device) {
  return [&device](std::size_t field) { return value_of(field, device); };
}

}  // namespace

std::unique_ptr<DeviceReport> DeviceReport::create(const Call& call) {
  Session& session = call.session;
  if (session.options.sort && (call.command.name == "status" || call.command.name == "table")) {
    session.error("--sort is not yet supported with status and table.");
    return nullptr;
  }
  auto report = Report::create(session.context, device_fields(), report_options(call));
  if (report == nullptr) return nullptr;
  std::unique_ptr<DeviceReport> result(new DeviceReport(session, std::move(report)));
  if ((result->report_->types() & report_tree) != 0) {
    result->tree_ = std::make_unique<libdm::DependencyTree>(session.context);
    // One that is incomplete fails the command, but only after it has printed what it can.
    if (!add_all_devices(session, *result->tree_)) return nullptr;
  }
  return result;
}

std::optional<ReportedDevice> DeviceReport::describe(const Task& task) const {
  ReportedDevice device;
  device.context = &session_.context;
  device.task = &task;
  device.info = task.info();
  const libdm::Info& info = device.info;
  const std::uint32_t types = report_->types();
  if ((types & report_tree) != 0) {
    device.tree = tree_.get();
    device.tree_node = tree_->find(info.device());
    if (device.tree_node == nullptr) {
      session_.error("Cannot find node {}:{}.", info.major, info.minor);
      return std::nullopt;
    }
  }
  if ((types & report_deps) != 0) {
    Task deps(session_.context, libdm::TaskType::deps);
    deps.set_device(static_cast<int>(info.major), static_cast<int>(info.minor));
    apply_common_options(session_, deps);
    if (!deps.run()) {
      session_.error("Cannot get deps for {}:{}.", info.major, info.minor);
      return std::nullopt;
    }
    device.deps = deps.dependencies();
  }
  if ((types & report_name) != 0) {
    // LVM's uuids begin with the subsystem's name and a hyphen.
    const std::string uuid = task.uuid();
    const auto hyphen = uuid.find('-');
    device.split =
        libdm::split_lvm_name(hyphen == std::string::npos ? "" : uuid.substr(0, hyphen), task.name());
  }
  return device;
}

bool DeviceReport::add_device(const Task& task) {
  const auto device = describe(task);
  if (!device) return false;
  // There are no regions with statistics, and so no rows about any.
  if ((report_->types() & (report_stats | report_region)) != 0) return true;
  return report_->add_row(values_of(*device));
}

bool DeviceReport::add_split_name(const libdm::SplitName& split) {
  ReportedDevice device;
  device.context = &session_.context;
  device.split = split;
  if ((report_->types() & ~std::uint32_t{report_name}) != 0)
    return false;  // there is no device behind the name
  return report_->add_row(values_of(device));
}

std::optional<bool> DeviceReport::selects(const Task& task) {
  const auto device = describe(task);
  if (!device) return std::nullopt;
  return report_->selects(values_of(*device));
}

void DeviceReport::print_headings() {
  report_->print_headings(session_.out);
}

void DeviceReport::output() {
  report_->output(session_.out);
}

}  // namespace sim::dmsetup
