// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel module has beside its functions: static variables, and parameters that user space can change.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "dmcore/kernel/errno.h"

namespace dmcore {

// The static variables of a module: one object for each machine, see Kernel::module().
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;
};

// A parameter: a number that is 32 or 64 bits wide.
class ModuleParameter {
 public:
  enum class Access : std::uint8_t { read_only, writable };
  using Variable = std::variant<std::uint32_t*, std::uint64_t*>;
  ModuleParameter(Variable variable, Access access) : variable_(variable), access_(access) {}

  [[nodiscard]] bool writable() const { return access_ == Access::writable; }
  [[nodiscard]] std::uint64_t get() const;
  // Errno::acces: read-only. Errno::range: too large.
  Status set(std::uint64_t value);

 private:
  Variable variable_;
  Access access_;
};

// The folders /sys/module/MODULE/parameters (kernel/params.c).
class ModuleParameters {
 public:
  // module_param(). The variable must stay alive as long as the machine runs.
  void add(std::string_view module, std::string_view name, ModuleParameter::Variable variable,
           ModuleParameter::Access access = ModuleParameter::Access::writable);
  // Null if there is none.
  [[nodiscard]] ModuleParameter* find(const std::string& module, const std::string& name);

 private:
  std::map<std::pair<std::string, std::string>, ModuleParameter> parameters_;
};

}  // namespace dmcore
