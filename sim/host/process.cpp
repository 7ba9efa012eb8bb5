// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/process.h"

#include <utility>

namespace sim::host {

Process::Process(dmcore::Runtime& runtime, const std::string& name, std::function<void()> body,
                 const char* kind)
    : state_(std::make_shared<State>(runtime, kind)) {
  runtime.spawn(name, [state = state_, body = std::move(body)] {
    try {
      body();
    } catch (const std::exception&) {
      // Nothing else is caught: what unwinds the tasks of a machine that is torn down has to pass.
      const bool can_be_waited_for = state.use_count() > 1;
      if (!can_be_waited_for) throw;
      state->failure = std::current_exception();
    }
    state->ended.complete();
  });
}

void Process::wait() {
  state_->ended.wait();
  if (state_->failure) std::rethrow_exception(state_->failure);
}

}  // namespace sim::host
