// SPDX-License-Identifier: GPL-2.0-or-later
// What all kernel code needs: the runtime that executes it and the log it writes to.
#pragma once

#include "dmcore/kernel/log.h"
#include "dmcore/kernel/runtime.h"

namespace dmcore {

class Kernel {
 public:
  explicit Kernel(Runtime& runtime) : runtime_(runtime), log_([&runtime] { return runtime.now(); }) {}
  [[nodiscard]] Runtime& runtime() { return runtime_; }
  [[nodiscard]] KernelLog& log() { return log_; }

 private:
  Runtime& runtime_;
  KernelLog log_;
};

}  // namespace dmcore
