// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/module.h"

#include <limits>
#include <type_traits>

namespace dmcore {

std::uint64_t ModuleParameter::get() const {
  return std::visit([](const auto* variable) -> std::uint64_t { return *variable; }, variable_);
}

Status ModuleParameter::set(std::uint64_t value) {
  if (!writable()) return Errno::acces;
  return std::visit(
      [value](auto* variable) -> Status {
        using Number = std::remove_pointer_t<decltype(variable)>;
        if (value > std::numeric_limits<Number>::max()) return Errno::range;
        *variable = static_cast<Number>(value);
        return {};
      },
      variable_);
}

void ModuleParameters::add(std::string_view module, std::string_view name, ModuleParameter::Variable variable,
                           ModuleParameter::Access access) {
  parameters_.insert_or_assign({std::string(module), std::string(name)}, ModuleParameter(variable, access));
}

ModuleParameter* ModuleParameters::find(const std::string& module, const std::string& name) {
  const auto it = parameters_.find({module, name});
  return it == parameters_.end() ? nullptr : &it->second;
}

}  // namespace dmcore
