// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/known_types.h"

#include <map>
#include <string>

#include "dmcore/targets/targets.h"

#include "dmclone/clone_arguments.h"

#include "sim/rewind/arena.h"

namespace sim::tables {

namespace {

using Declarations = std::map<std::string, dmcore::TargetArguments, std::less<>>;

Declarations make_declarations(const dmclone::Dialect& dialect) {
  Declarations made;
  for (const auto& make_type : dmcore::standard_target_types) {
    const dmcore::TargetType type = make_type();
    made.emplace(type.name, type.arguments());
  }
  made.emplace("clone", dmclone::clone_arguments(dialect));
  return made;
}

const Declarations& declarations(const dmclone::Dialect& dialect) {
  static const std::map<std::string_view, Declarations> all = [] {
    const rewind::Outside outside;  // the first use may be in a run that is rewound
    std::map<std::string_view, Declarations> made;
    for (const dmclone::Dialect* each : dmclone::dialects())
      made.emplace(each->name, make_declarations(*each));
    return made;
  }();
  return all.at(dialect.name);
}

}  // namespace

bool is_known_type(std::string_view type) {
  return declared_arguments(type, dmclone::linux_dialect) != nullptr;
}

const dmcore::TargetArguments* declared_arguments(std::string_view type, const dmclone::Dialect& dialect) {
  const Declarations& known = declarations(dialect);
  const auto found = known.find(type);
  return found == known.end() ? nullptr : &found->second;
}

}  // namespace sim::tables
