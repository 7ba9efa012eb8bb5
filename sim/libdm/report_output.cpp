// SPDX-License-Identifier: GPL-2.0-or-later
// Printing a report.
#include <algorithm>
#include <cctype>
#include <utility>

#include "sim/libdm/report.h"

namespace sim::libdm {
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
      if (column.source.field->numeric ? left.number != right.number : left.text != right.text) {
        return column.source.field->numeric ? left.number < right.number : left.text < right.text;
      }
    }
    return false;
  });
}

std::string Report::cell(const Column& column, const FieldValue& value) const {
  const Field& field = *column.source.field;
  if (!options_.name_prefixes) {
    return options_.aligned ? padded(value.text, column.width, field.numeric) : value.text;
  }
  std::string name;
  for (const char c : field.id) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string_view quote = options_.quoted ? "'" : "";
  return fmt::format("DM_{}={}{}{}", name, quote, value.text, quote);
}

void Report::print_headings(std::string& out) {
  if (options_.columns_as_rows) return;
  widen_columns();
  headings_printed_ = true;
  if (!options_.headings) return;
  bool first = true;
  for (const Column& column : columns_) {
    if (column.hidden) continue;
    if (!std::exchange(first, false)) out += options_.separator;
    const std::string_view heading = column.source.field->heading;
    out += options_.aligned ? padded(heading, column.width, false) : std::string(heading);
  }
  out += '\n';
}

void Report::print_rows(std::string& out) const {
  for (const Row& row : rows_) {
    bool first = true;
    for (std::size_t i = 0; i < columns_.size(); i++) {
      if (columns_[i].hidden) continue;
      if (!std::exchange(first, false)) out += options_.separator;
      out += cell(columns_[i], row.values[i]);
    }
    out += '\n';
  }
}

void Report::print_columns_as_rows(std::string& out) const {
  for (std::size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i].hidden) continue;
    if (options_.headings) out += std::string(columns_[i].source.field->heading) + options_.separator;
    for (std::size_t row = 0; row < rows_.size(); row++) {
      if (row != 0) out += options_.separator;
      out += cell(columns_[i], rows_[row].values[i]);
    }
    out += '\n';
  }
}

void Report::output(std::string& out) {
  if (rows_.empty()) return;
  widen_columns();
  sort_rows();
  if (options_.columns_as_rows) {
    print_columns_as_rows(out);
  } else {
    if (!headings_printed_) print_headings(out);
    print_rows(out);
  }
  rows_.clear();
  for (Column& column : columns_) column.width = column.source.field->width;
}

}  // namespace sim::libdm
