// SPDX-License-Identifier: GPL-2.0-or-later
// A process of a machine that runs beside the one that started it.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "dmcore/kernel/wait.h"

namespace sim::host {

class Process {
 public:
  // Process context; the new process runs when the others let it. It need not be waited for, but what `body`
  // refers to must live until it has ended. `kind` is what the report of a machine that stopped says of those
  // that wait for it; not copied.
  Process(dmcore::Runtime& runtime, const std::string& name, std::function<void()> body, const char* kind);

  // Sleeps until the process has ended, and passes on what `body` threw. If it throws when this object is
  // gone, the machine's run() passes it on.
  void wait();
  [[nodiscard]] bool ended() const { return state_->ended.done(); }

 private:
  // Shared with the process itself, which may outlive this object.
  struct State {
    State(dmcore::Runtime& runtime, const char* kind) : ended(runtime, kind) {}
    dmcore::Completion ended;
    std::exception_ptr failure;
  };
  std::shared_ptr<State> state_;
};

}  // namespace sim::host
