// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/step.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace proptests {

namespace {

// Without those of the disks' own contents, S and D, and Z, which is free for writes beside the steps.
constexpr std::string_view letters = "ABCEFGHIJKLMNOPQRTUVWXYabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::array<std::string_view, 8> messages = {
    "enable_hydration",        "disable_hydration",      "hydration_threshold 0",  "hydration_threshold 3",
    "hydration_threshold 100", "hydration_batch_size 0", "hydration_batch_size 4", "hydration_batch_size 64"};

}  // namespace

const std::string& StepWriter::device() const {
  return subject_.above.empty() ? clone_name : subject_.above.front().device;
}

sector_t StepWriter::first(const Step& step) const {
  const sector_t blocks = subject_.sectors / subject_.block;
  return std::min(blocks * step.position / 1000, blocks - 1) * subject_.block;
}

sector_t StepWriter::count(const Step& step) const {
  const sector_t wanted = (step.length + subject_.block - 1) / subject_.block * subject_.block;
  return std::clamp<sector_t>(wanted, subject_.block, subject_.sectors - first(step));
}

// For the steps that suspend, load or close the clone.
std::vector<Action> StepWriter::suspending(const Step& step) const {
  std::vector<Action> actions;
  const auto add = [&actions](std::vector<Action> more) {
    actions.insert(actions.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  const bool reopens = step.kind == StepKind::reopen;
  if (subject_.careful || reopens) add({Wait{}});
  if (subject_.careful) add({Flush{.device = device()}});
  if (step.kind == StepKind::suspend_resume) {
    add({Suspend{.no_flush = step.choice % 2 != 0}, Resume{}});
    return actions;
  }
  if (reopens && !subject_.above.empty()) add({Remove{device()}});
  if (reopens) {
    add({Remove{}});
  } else {
    add({Suspend{}});
  }
  if (subject_.careful) add({SetFaults{"meta", {}}, Flush{.device = "meta"}});
  const CloneTable table = subject_.table(step.choice);
  if (reopens) {
    add({Create{table.target, table.hydrates}});
    for (const Create& top : subject_.above) add({top});
  } else {
    // In this order: a table loaded before the suspend would have read the metadata too early.
    add({Load{table.target}, Resume{table.hydrates}});
  }
  return actions;
}

std::vector<Action> StepWriter::actions_of(const Step& step) {
  switch (step.kind) {
    case StepKind::read:
      return {Read{first(step), count(step), step.background, device()}};
    case StepKind::write:
    case StepKind::write_fua:
      return {Write{first(step), count(step), letters[written_++ % letters.size()],
                    step.kind == StepKind::write_fua, step.background, subject_.stamps, device()}};
    case StepKind::discard:
      return {Discard{first(step), count(step), step.background, device()}};
    case StepKind::flush:
      return {Flush{step.background, device()}};
    case StepKind::wait:
      return {Wait{}};
    case StepKind::sleep:
      return {Sleep{std::chrono::milliseconds(50) * (step.choice % 50)}};
    case StepKind::message:
      return {Message{std::string(messages[step.choice % messages.size()])}};
    case StepKind::suspend_resume:
    case StepKind::reload:
    case StepKind::reopen:
      return suspending(step);
    case StepKind::hydrate:
      return {Message{"enable_hydration"}, WaitUntilHydrated{subject_.hydration_time}};
    case StepKind::fault:
      return {subject_.faults(step)};
  }
  return {};
}

}  // namespace proptests
