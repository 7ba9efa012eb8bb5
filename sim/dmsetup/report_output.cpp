// SPDX-License-Identifier: GPL-2.0-or-later
// Printing a report.
#include <algorithm>
#include <cctype>
#include <utility>

#include "sim/dmsetup/report.h"

namespace sim::dmsetup {
namespace {

std::string padded(std::string_view text, int width, bool to_the_right) {
  const auto size = static_cast<std::size_t>(width);
  std::string out(text.substr(0, size));
  const std::string padding(size - out.size(), ' ');
  return to_the_right ? padding + out : out + padding;
}

}  // namespace

void Report::widen_columns() {
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < columns_.size(); i++) {
      columns_[i].width = std::max(columns_[i].width, static_cast<int>(row.values[i].text.size()));
    }
  }
}

void Report::sort_rows() {
  std::stable_sort(rows_.begin(), rows_.end(), [this](const Row& a, const Row& b) {
    for (const std::size_t key : keys_) {
      const Column& column = columns_[key];
      const FieldValue& left = column.descending ? b.values[key] : a.values[key];
      const FieldValue& right = column.descending ? a.values[key] : b.values[key];
      if (column.field->numeric ? left.number != right.number : left.text != right.text) {
        return column.field->numeric ? left.number < right.number : left.text < right.text;
      }
    }
    return false;
  });
}

std::string Report::cell(const Column& column, const FieldValue& value) const {
  const Options& options = session_.options;
  if (!options.name_prefixes) {
    return aligned_ ? padded(value.text, column.width, column.field->numeric) : value.text;
  }
  std::string name;
  for (const char c : column.field->id)
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string_view quote = options.unquoted ? "" : "'";
  return fmt::format("DM_{}={}{}{}", name, quote, value.text, quote);
}

void Report::print_headings() {
  if (session_.options.rows) return;
  widen_columns();
  headings_printed_ = true;
  if (!headings_) return;
  bool first = true;
  for (const Column& column : columns_) {
    if (column.hidden) continue;
    if (!std::exchange(first, false)) session_.out += separator_;
    session_.out +=
        aligned_ ? padded(column.field->heading, column.width, false) : std::string(column.field->heading);
  }
  session_.out += '\n';
}

void Report::print_rows() {
  for (const Row& row : rows_) {
    bool first = true;
    for (std::size_t i = 0; i < columns_.size(); i++) {
      if (columns_[i].hidden) continue;
      if (!std::exchange(first, false)) session_.out += separator_;
      session_.out += cell(columns_[i], row.values[i]);
    }
    session_.out += '\n';
  }
}

void Report::print_columns_as_rows() {
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].hidden) continue;
    if (headings_) session_.out += std::string(columns_[i].field->heading) + separator_;
    for (std::size_t row = 0; row < rows_.size(); row++) {
      if (row != 0) session_.out += separator_;
      session_.out += cell(columns_[i], rows_[row].values[i]);
    }
    session_.out += '\n';
  }
}

void Report::output() {
  if (rows_.empty()) return;
  widen_columns();
  sort_rows();
  if (session_.options.rows) {
    print_columns_as_rows();
  } else {
    if (!headings_printed_) print_headings();
    print_rows();
  }
  rows_.clear();
  for (Column& column : columns_) column.width = column.field->width;
}

}  // namespace sim::dmsetup
