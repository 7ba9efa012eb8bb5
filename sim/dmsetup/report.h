// SPDX-License-Identifier: GPL-2.0-or-later
// Reports in columns: `info -c` and `splitname`. Rows are collected, and printed when the command is done.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/dmsetup/report_fields.h"
#include "sim/dmsetup/selection.h"

namespace sim::dmsetup {

class Report {
 public:
  // The report that -o, --sort, --select, --separator and so on describe, for `call`'s command. Null, with a
  // message, if they name a field that there is not.
  static std::unique_ptr<Report> create(const Call& call);

  // Adds a row. False if a field has no value.
  bool add_device(const Task& task);
  bool add_split_name(const SplitName& split);
  // Instead of adding a row, says whether --select chooses the device; nothing if a field has no value.
  [[nodiscard]] std::optional<bool> selects(const Task& task);

  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Prints the headings now; output() does not print them again.
  void print_headings();
  // Prints the rows and forgets them; without rows nothing, not even headings.
  void output();

 private:
  struct Column {
    const Field* field;
    int width;            // grows with what is printed
    bool hidden = false;  // only sorted or selected by
    bool descending = false;
    bool key = false;
  };
  struct Row {
    std::vector<FieldValue> values;  // in the order of columns_
    bool selected = true;
  };

  explicit Report(Session& session) : session_(session) {}

  void choose_layout();
  bool choose_fields(std::string_view list, bool types_only);
  bool choose_keys(std::string_view list, bool types_only);
  bool choose_selection(std::string_view text);
  std::size_t column_for(const Field& field);
  [[nodiscard]] std::uint32_t types_of_all(std::string_view name) const;

  [[nodiscard]] std::optional<ReportObject> describe(const Task& task) const;
  [[nodiscard]] std::optional<Row> make_row(const ReportObject& object) const;
  bool add_row(const ReportObject& object);
  [[nodiscard]] bool shown(const Row& row) const;
  void widen_columns();
  void sort_rows();
  void print_rows();
  void print_columns_as_rows();
  [[nodiscard]] std::string cell(const Column& column, const FieldValue& value) const;

  Session& session_;
  std::uint32_t types_ = 0;
  std::vector<Column> columns_;    // hidden ones too, in the order in which they were added
  std::vector<std::size_t> keys_;  // columns to sort by
  std::optional<Selection> selection_;
  std::unique_ptr<DependencyTree> tree_;
  std::vector<Row> rows_;
  std::string separator_ = " ";
  bool aligned_ = true;
  bool headings_ = true;
  bool headings_printed_ = false;
  bool help_ = false;  // fields were asked for, not devices: there are no rows
};

}  // namespace sim::dmsetup
