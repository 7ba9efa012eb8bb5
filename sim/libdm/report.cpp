// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/report.h"

#include <algorithm>
#include <cctype>
#include <strings.h>

namespace sim::libdm {
namespace {

// The type of the report's own fields, of which no value is asked.
constexpr std::uint32_t special_type = 0x80000000;
// "selected" says whether the selection chooses the row. "help" and "?" only look like fields.
constexpr Field selected_field{special_type, true, "Selected", 8, "selected"};
constexpr Field help_field{special_type, true, "Help", 8, "help"};

// Underscores and case do not count in names.
std::string canonical(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

// The items of a list separated by commas, of which several may follow each other but none may be at the end.
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

}  // namespace

std::optional<Report::FoundField> Report::find_field(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  const std::string wanted = canonical(name);
  if (wanted == selected_field.id) return FoundField{&selected_field, 0};
  if (wanted == help_field.id || wanted == "?") return FoundField{&help_field, 0};
  for (std::size_t i = 0; i < fields_.fields.size(); ++i) {
    if (canonical(fields_.fields[i].id) == wanted) return FoundField{&fields_.fields[i], i};
  }
  return std::nullopt;
}

void Report::list_fields() const {
  context_.error("Fields:");
  for (const Field& field : fields_.fields) {
    if ((field.type & fields_.unlisted_types) == 0) context_.error("  {}", field.id);
  }
}

std::unique_ptr<Report> Report::create(Context& context, const FieldSet& fields, const Options& options) {
  std::unique_ptr<Report> report(new Report(context, fields, options));
  // "all" means all fields of the types that the whole list names, so the list is read twice.
  for (const bool types_only : {true, false}) {
    if (!report->choose_fields(types_only) || !report->choose_keys(types_only)) return nullptr;
  }
  if (options.selection && !report->choose_selection(*options.selection)) return nullptr;
  if (report->help_) report->list_fields();
  return report;
}

// PREFIX_all means all fields of a type, "all" those of all types that were named.
std::uint32_t Report::types_of_all(std::string_view name) const {
  if (strncasecmp(name.data(), "all", name.size()) == 0 && name.size() == 3) {
    return types_ != 0 ? types_ : ~special_type;
  }
  std::uint32_t types = 0;
  for (const TypePrefix& prefix : fields_.prefixes) {
    if (canonical(name) == fmt::format("{}all", canonical(prefix.prefix))) types |= prefix.type;
  }
  return types;
}

bool Report::choose_fields(bool types_only) {
  for (const std::string_view name : split_list(options_.fields)) {
    const auto found = find_field(name);
    const std::uint32_t all = found ? 0 : types_of_all(name);
    if (!found && all == 0) {
      list_fields();
      context_.error("Unrecognised field: {}", name);
      return false;
    }
    if (types_only) {
      types_ |= found ? found->field->type & ~special_type : all;
      continue;
    }
    if (found) {
      if (found->field == &help_field) help_ = true;
      columns_.push_back({*found, found->field->width});
    }
    for (std::size_t i = 0; i < fields_.fields.size(); ++i) {
      const Field& field = fields_.fields[i];
      if ((field.type & all) != 0) columns_.push_back({{&field, i}, field.width});
    }
  }
  return true;
}

std::size_t Report::column_for(const FoundField& found) {
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].source.field == found.field) return i;
  }
  columns_.push_back({found, found.field->width, /*hidden=*/true});
  return columns_.size() - 1;
}

bool Report::choose_keys(bool types_only) {
  for (std::string_view name : split_list(options_.keys)) {
    const std::string_view key = name;
    const bool descending = name.starts_with('-');
    if (descending || name.starts_with('+')) name.remove_prefix(1);
    const auto found = find_field(name);
    if (!found) {
      list_fields();
      context_.error("dm_report: Unrecognised field: {}", key);
      return false;
    }
    if (types_only) {
      types_ |= found->field->type & ~special_type;
      continue;
    }
    if (found->field == &help_field) help_ = true;
    const std::size_t index = column_for(*found);
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
  selection_ = Selection::parse(context_, text,
                                [this](std::string_view name) -> std::optional<Selection::FieldReference> {
                                  const auto found = find_field(name);
                                  if (!found || found->field == &help_field) return std::nullopt;
                                  types_ |= found->field->type & ~special_type;
                                  return Selection::FieldReference{column_for(*found), found->field->numeric};
                                });
  return selection_.has_value();
}

std::optional<Report::Row> Report::make_row(const Values& values) const {
  Row row;
  for (const Column& column : columns_) {
    if (column.source.field->type == special_type) {
      row.values.push_back({"1", 1});
      continue;
    }
    auto value = values(column.source.index);
    if (!value) {
      context_.error("_do_report_object: report function failed for field {}", column.source.field->id);
      return std::nullopt;
    }
    row.values.push_back(std::move(*value));
  }
  row.selected = !selection_ || selection_->matches(row.values);
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].source.field == &selected_field && !row.selected) row.values[i] = {"0", 0};
  }
  return row;
}

bool Report::shown(const Row& row) const {
  // A report that says which rows are selected shows them all.
  const auto says = [](const Column& column) {
    return column.source.field == &selected_field && !column.hidden;
  };
  return row.selected || std::any_of(columns_.begin(), columns_.end(), says);
}

bool Report::add_row(const Values& values) {
  if (help_) return true;
  auto row = make_row(values);
  if (!row) return false;
  if (shown(*row)) rows_.push_back(std::move(*row));
  return true;
}

std::optional<bool> Report::selects(const Values& values) {
  const auto row = make_row(values);
  if (!row) return std::nullopt;
  return row->selected;
}

}  // namespace sim::libdm
