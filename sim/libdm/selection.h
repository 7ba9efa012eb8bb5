// SPDX-License-Identifier: GPL-2.0-or-later
// --select: which rows of a report are wanted, e.g. 'segments>1 && name=~"^c" || !(suspended=Suspended)'.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/libdm/context.h"
#include "sim/libdm/report_field.h"
#include "sim/libdm/report_pattern.h"

namespace sim::libdm {

class Selection {
 public:
  // What the report knows a field by: its column. `numeric` says how it compares.
  struct FieldReference {
    std::size_t column;
    bool numeric;
  };
  // Finds a field by name, making a hidden column for one that has none; nothing if there is no such field.
  using FieldLookup = std::function<std::optional<FieldReference>(std::string_view name)>;

  // Nothing, with a message, if the text is wrong.
  static std::optional<Selection> parse(Context& context, std::string_view text, const FieldLookup& lookup);

  // `values` has a value for each column. Everything matches an empty selection.
  [[nodiscard]] bool matches(const std::vector<FieldValue>& values) const;

 private:
  friend class SelectionParser;
  enum class Operator { equal, not_equal, greater, greater_equal, less, less_equal, like, unlike };
  struct Node {
    enum class Kind { compare, all_of, any_of };
    Kind kind = Kind::compare;
    bool negated = false;
    std::vector<Node> children;
    // compare:
    FieldReference field{};
    Operator op = Operator::equal;
    std::string text;
    std::uint64_t number = 0;
    ReportPattern pattern;
  };

  static bool matches(const Node& node, const std::vector<FieldValue>& values);
  static bool compare(const Node& node, const FieldValue& value);

  std::optional<Node> root_;
};

}  // namespace sim::libdm
