// SPDX-License-Identifier: GPL-2.0-or-later
// Reports in columns (dm_report): rows are collected, sorted, selected and printed. What fields there are,
// and their values, is the program's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/libdm/context.h"
#include "sim/libdm/report_field.h"
#include "sim/libdm/selection.h"

namespace sim::libdm {

class Report {
 public:
  struct Options {
    std::string fields;                    // to print, separated by commas
    std::string keys;                      // fields to sort by: "-" before a name reverses its order
    std::optional<std::string> selection;  // see Selection
    std::uint32_t types = 0;               // what is known of an object, whatever the fields
    std::string separator = " ";
    bool aligned = true;
    bool headings = true;
    bool columns_as_rows = false;
    bool name_prefixes = false;  // "DM_NAME='a'" in each cell
    bool quoted = true;          // the quotes of these
  };
  // The value of a field, by its place in FieldSet::fields; nothing if there is none.
  using Values = std::function<std::optional<FieldValue>(std::size_t field)>;

  // Null, with an error logged, if the options name a field that there is not. `fields` must outlive the
  // report.
  static std::unique_ptr<Report> create(Context& context, const FieldSet& fields, const Options& options);

  // What has to be found out about an object for the fields that are printed, sorted or selected by.
  [[nodiscard]] std::uint32_t types() const { return types_; }

  // Adds an object's row. False, with an error logged, if a field has no value.
  bool add_row(const Values& values);
  // Instead of adding a row, says whether the selection chooses it; nothing if a field has no value.
  [[nodiscard]] std::optional<bool> selects(const Values& values);

  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Appends the headings now; output() does not print them again.
  void print_headings(std::string& out);
  // Appends the rows and forgets them; without rows nothing, not even headings.
  void output(std::string& out);

 private:
  // A field, or one of the report's own.
  struct FoundField {
    const Field* field;
    std::size_t index;  // in FieldSet::fields
  };
  struct Column {
    FoundField source;
    int width;            // grows with what is printed
    bool hidden = false;  // only sorted or selected by
    bool descending = false;
    bool key = false;
  };
  struct Row {
    std::vector<FieldValue> values;  // in the order of columns_
    bool selected = true;
  };

  Report(Context& context, const FieldSet& fields, const Options& options)
      : context_(context), fields_(fields), options_(options), types_(options.types) {}

  [[nodiscard]] std::optional<FoundField> find_field(std::string_view name) const;
  void list_fields() const;
  bool choose_fields(bool types_only);
  bool choose_keys(bool types_only);
  bool choose_selection(std::string_view text);
  std::size_t column_for(const FoundField& found);
  [[nodiscard]] std::uint32_t types_of_all(std::string_view name) const;

  [[nodiscard]] std::optional<Row> make_row(const Values& values) const;
  [[nodiscard]] bool shown(const Row& row) const;
  void widen_columns();
  void sort_rows();
  void print_rows(std::string& out) const;
  void print_columns_as_rows(std::string& out) const;
  [[nodiscard]] std::string cell(const Column& column, const FieldValue& value) const;

  Context& context_;
  FieldSet fields_;
  Options options_;
  std::uint32_t types_;
  std::vector<Column> columns_;    // hidden ones too, in the order in which they were added
  std::vector<std::size_t> keys_;  // columns to sort by
  std::optional<Selection> selection_;
  std::vector<Row> rows_;
  bool headings_printed_ = false;
  bool help_ = false;  // fields were asked for, not objects: there are no rows
};

}  // namespace sim::libdm
