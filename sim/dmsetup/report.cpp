// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/report.h"

#include <algorithm>
#include <cctype>
#include <strings.h>

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

// "selected" is the report's own: whether --select chooses the row. "help" and "?" only look like fields.
constexpr Field selected_field{report_special, true, "Selected", 8, "selected", nullptr};
constexpr Field help_field{report_special, true, "Help", 8, "help", nullptr};

// Underscores and case do not count in names.
std::string canonical(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

const Field* find_field(std::string_view name) {
  const std::string wanted = canonical(name);
  if (wanted == selected_field.id) return &selected_field;
  if (wanted == "help" || wanted == "?") return &help_field;
  for (const Field& field : report_fields()) {
    if (canonical(field.id) == wanted) return &field;
  }
  return nullptr;
}

// The items of a list separated by commas, of which several may stand together but none at the end.
std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const auto begin = std::min(list.find_first_not_of(','), list.size());
    const auto end = std::min(list.find(',', begin), list.size());
    items.push_back(list.substr(begin, end - begin));
    list.remove_prefix(end);
  }
  return items;
}

void list_fields(Session& session) {
  session.error("Fields:");
  for (const Field& field : report_fields()) {
    if (field.type != report_stats && field.type != report_region) session.error("  {}", field.id);
  }
}

}  // namespace

std::unique_ptr<Report> Report::create(const Call& call) {
  const Options& options = call.session.options;
  const bool split_name = call.command.name == "splitname";
  std::string fields =
      split_name ? "vg_name,lv_name,lv_layer" : "name,major,minor,attr,open,segments,events,uuid";
  std::unique_ptr<Report> report(new Report(call.session));
  if (split_name) report->types_ = report_name;
  if (call.command.name == "stats") report->types_ = report_stats | report_region;
  report->choose_layout();
  if (options.fields) {
    if (options.fields->find("help") != std::string::npos) report->headings_ = false;
    fields = options.fields->starts_with('+') ? fmt::format("{},{}", fields, options.fields->substr(1))
                                              : *options.fields;
  }
  const std::string keys = options.sort.value_or("");
  if (options.sort && (call.command.name == "status" || call.command.name == "table")) {
    call.session.error("--sort is not yet supported with status and table.");
    return nullptr;
  }
  // "all" means all fields of the types that the whole list names, so the list is read twice.
  for (const bool types_only : {true, false}) {
    if (!report->choose_fields(fields, types_only) || !report->choose_keys(keys, types_only)) return nullptr;
  }
  if (options.select && !report->choose_selection(*options.select)) return nullptr;
  if (report->help_) list_fields(call.session);
  if ((report->types_ & report_tree) != 0) {
    report->tree_ = std::make_unique<DependencyTree>(call.session);
    // One that is incomplete fails the command, but only after it has printed what it can.
    if (!report->tree_->add_all(call)) return nullptr;
  }
  return report;
}

void Report::choose_layout() {
  const Options& options = session_.options;
  if (options.no_headings) {
    separator_ = ":";
    aligned_ = false;
    headings_ = false;
  }
  if (options.separator) separator_ = *options.separator;
  if (options.name_prefixes || options.separator || options.rows) aligned_ = false;
}

// PREFIX_all means all fields of a type, "all" those of all types that were named.
std::uint32_t Report::types_of_all(std::string_view name) const {
  if (strncasecmp(name.data(), "all", name.size()) == 0 && name.size() == 3) {
    return types_ != 0 ? types_ : ~std::uint32_t{report_special};
  }
  std::uint32_t types = 0;
  for (const TypePrefix& prefix : report_type_prefixes()) {
    if (canonical(name) == fmt::format("{}all", canonical(prefix.prefix))) types |= prefix.type;
  }
  return types;
}

bool Report::choose_fields(std::string_view list, bool types_only) {
  for (const std::string_view name : split_list(list)) {
    const Field* field = name.empty() ? nullptr : find_field(name);
    const std::uint32_t all = field == nullptr ? types_of_all(name) : 0;
    if (field == nullptr && all == 0) {
      list_fields(session_);
      session_.error("Unrecognised field: {}", name);
      return false;
    }
    if (types_only) {
      types_ |= field != nullptr ? field->type & ~report_special : all;
      continue;
    }
    if (field == &help_field) help_ = true;
    if (field != nullptr) columns_.push_back({field, field->width});
    for (const Field& each : report_fields()) {
      if ((each.type & all) != 0) columns_.push_back({&each, each.width});
    }
  }
  return true;
}

std::size_t Report::column_for(const Field& field) {
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].field == &field) return i;
  }
  columns_.push_back({&field, field.width, /*hidden=*/true});
  return columns_.size() - 1;
}

bool Report::choose_keys(std::string_view list, bool types_only) {
  for (std::string_view name : split_list(list)) {
    const std::string_view key = name;
    const bool descending = name.starts_with('-');
    if (descending || name.starts_with('+')) name.remove_prefix(1);
    const Field* field = name.empty() ? nullptr : find_field(name);
    if (field == nullptr) {
      list_fields(session_);
      session_.error("dm_report: Unrecognised field: {}", key);
      return false;
    }
    if (types_only) {
      types_ |= field->type & ~report_special;
      continue;
    }
    if (field == &help_field) help_ = true;
    const std::size_t index = column_for(*field);
    if (columns_[index].key) continue;
    columns_[index].key = true;
    columns_[index].descending = descending;
    keys_.push_back(index);
  }
  return true;
}

bool Report::choose_selection(std::string_view text) {
  if (text == "help" || text == "?") {
    help_ = true;
    return true;
  }
  selection_ = Selection::parse(session_, text,
                                [this](std::string_view name) -> std::optional<Selection::FieldReference> {
                                  const Field* field = find_field(name);
                                  if (field == nullptr || field == &help_field) return std::nullopt;
                                  types_ |= field->type & ~report_special;
                                  return Selection::FieldReference{column_for(*field), field->numeric};
                                });
  return selection_.has_value();
}

std::optional<ReportObject> Report::describe(const Task& task) const {
  ReportObject object;
  object.session = &session_;
  object.task = &task;
  object.info = task.info();
  const Info& info = object.info;
  if ((types_ & report_tree) != 0) {
    object.tree = tree_.get();
    object.tree_node = tree_->find(info.device());
    if (object.tree_node == nullptr) {
      session_.error("Cannot find node {}:{}.", info.major, info.minor);
      return std::nullopt;
    }
  }
  if ((types_ & report_deps) != 0) {
    Task deps(session_, TaskType::deps);
    deps.set_device(static_cast<int>(info.major), static_cast<int>(info.minor));
    apply_common_options(session_, deps);
    if (!deps.run()) {
      session_.error("Cannot get deps for {}:{}.", info.major, info.minor);
      return std::nullopt;
    }
    object.deps = deps.dependencies();
  }
  if ((types_ & report_name) != 0) {
    // LVM's uuids begin with the subsystem's name and a hyphen.
    const std::string uuid = task.uuid();
    const auto hyphen = uuid.find('-');
    object.split = split_lvm_name(hyphen == std::string::npos ? "" : uuid.substr(0, hyphen), task.name());
  }
  return object;
}

std::optional<Report::Row> Report::make_row(const ReportObject& object) const {
  Row row;
  for (const Column& column : columns_) {
    if (column.field->value == nullptr) {
      row.values.push_back({"1", 1});
      continue;
    }
    auto value = column.field->value(object);
    if (!value) {
      session_.error("_do_report_object: report function failed for field {}", column.field->id);
      return std::nullopt;
    }
    row.values.push_back(std::move(*value));
  }
  row.selected = !selection_ || selection_->matches(row.values);
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].field == &selected_field && !row.selected) row.values[i] = {"0", 0};
  }
  return row;
}

bool Report::shown(const Row& row) const {
  // A report that tells which rows are selected shows them all.
  const auto tells = [](const Column& column) { return column.field == &selected_field && !column.hidden; };
  return row.selected || std::any_of(columns_.begin(), columns_.end(), tells);
}

bool Report::add_row(const ReportObject& object) {
  if (help_) return true;
  auto row = make_row(object);
  if (!row) return false;
  if (shown(*row)) rows_.push_back(std::move(*row));
  return true;
}

bool Report::add_device(const Task& task) {
  const auto object = describe(task);
  if (!object) return false;
  // There are no regions with statistics, and so no rows about any.
  if ((types_ & (report_stats | report_region)) != 0) return true;
  return add_row(*object);
}

bool Report::add_split_name(const SplitName& split) {
  ReportObject object;
  object.session = &session_;
  object.split = split;
  if ((types_ & ~std::uint32_t{report_name}) != 0) return false;  // there is no device behind the name
  return add_row(object);
}

std::optional<bool> Report::selects(const Task& task) {
  const auto object = describe(task);
  if (!object) return std::nullopt;
  const auto row = make_row(*object);
  if (!row) return std::nullopt;
  return row->selected;
}

}  // namespace sim::dmsetup
