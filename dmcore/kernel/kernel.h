// SPDX-License-Identifier: GPL-2.0-or-later
// What all kernel code needs: the runtime that executes it, the log it writes to, and what the modules of a
// machine share.
#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "dmcore/kernel/defects.h"
#include "dmcore/kernel/fixes.h"
#include "dmcore/kernel/log.h"
#include "dmcore/kernel/module.h"
#include "dmcore/kernel/runtime.h"
#include "dmcore/kernel/shrinker.h"
#include "dmcore/kernel/wait_bit.h"

namespace dmcore {

class Kernel {
 public:
  explicit Kernel(Runtime& runtime)
      : runtime_(runtime),
        log_([&runtime] { return runtime.now(); }),
        shrinkers_(runtime),
        bit_waits_(runtime) {}
  [[nodiscard]] Runtime& runtime() { return runtime_; }
  [[nodiscard]] KernelLog& log() { return log_; }
  [[nodiscard]] ModuleParameters& parameters() { return parameters_; }
  [[nodiscard]] Shrinkers& shrinkers() { return shrinkers_; }
  [[nodiscard]] BitWaits& bit_waits() { return bit_waits_; }
  [[nodiscard]] const Defects& defects() const { return defects_; }
  [[nodiscard]] const Fixes& fixes() const { return fixes_; }
  // Before anything runs.
  void put_in(const Defects& defects) { defects_.put_in(defects); }
  void put_in(const Fixes& fixes) { fixes_.put_in(fixes); }

  // The module `State`, a Module, whose name is State::module_name. Loads it, that is, constructs it, when it
  // is first asked for.
  template <class State>
  State& module() {
    std::unique_ptr<Module>& loaded = modules_[State::module_name];
    if (!loaded) loaded = std::make_unique<State>(*this);
    return static_cast<State&>(*loaded);
  }

 private:
  Runtime& runtime_;
  KernelLog log_;
  ModuleParameters parameters_;
  Shrinkers shrinkers_;
  BitWaits bit_waits_;
  Defects defects_;
  Fixes fixes_;
  std::map<std::string_view, std::unique_ptr<Module>> modules_;
};

}  // namespace dmcore
