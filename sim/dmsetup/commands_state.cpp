// SPDX-License-Identifier: GPL-2.0-or-later
// suspend, resume, clear, wait, remove, remove_all.
#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {
namespace {

// Removes the devices that are not open, then makes /dev/mapper right.
bool remove_closed(const Call& call) {
  const std::string nothing;
  const bool removed = run_simple(call, TaskType::remove_all, &nothing);
  const bool made = make_nodes(call.session, nullptr);
  return removed || made;
}

}  // namespace

bool run_simple(const Call& call, TaskType type, const std::string* name, std::uint32_t event_nr, bool show) {
  Session& session = call.session;
  const Options& options = session.options;
  const bool waits_for_udev = type == TaskType::resume || type == TaskType::remove;
  Task task(session.context, type);
  if (!choose_device(session, task, name)) {
    if (waits_for_udev) session.context.node_operations.apply();
    return false;
  }
  if (event_nr != 0) task.set_event_nr(event_nr);
  apply_common_options(session, task);
  task.no_flush = session.no_flush;
  task.no_lockfs = session.no_lockfs;
  task.add_node_on_create = options.add_node_on_create;
  if (options.read_ahead) task.set_read_ahead(*options.read_ahead);
  if (waits_for_udev) task.set_cookie();
  task.retry_remove = options.retry;
  task.deferred_remove = options.deferred;
  const bool ok = task.run();
  if (waits_for_udev) session.context.node_operations.apply();
  if (ok && show && options.verbose != 0) return show_device(call, task);
  return ok;
}

bool suspend(const Call& call) {
  return run_simple(call, TaskType::suspend, call.first(), 0, true);
}

bool resume(const Call& call) {
  return run_simple(call, TaskType::resume, call.first(), 0, true);
}

bool clear(const Call& call) {
  return run_simple(call, TaskType::clear, call.first(), 0, true);
}

bool wait(const Call& call) {
  auto arguments = call.arguments;
  const std::string* name = nullptr;
  if (!call.session.options.uuid && !call.session.options.major) {
    if (arguments.empty()) {
      call.session.error("No device specified.");
      return false;
    }
    name = arguments.data();
    arguments = arguments.subspan(1);
  }
  const auto event_nr = arguments.empty() ? 0U : static_cast<std::uint32_t>(number_prefix(arguments.back()));
  return run_simple(call, TaskType::wait_event, name, event_nr, true);
}

bool remove(const Call& call) {
  // With --force nothing that uses the device any more can succeed, whether it can be removed or not.
  if (call.session.options.force && !call.arguments.empty()) (void)wipe_table(call);
  return run_simple(call, TaskType::remove, call.first());
}

bool remove_all(const Call& call) {
  Session& session = call.session;
  bool ok = remove_closed(call);
  if (!session.options.force) return ok;
  const auto open = all_devices(session, true);
  ok = open.has_value() || ok;
  if (!open || open->empty()) return ok;
  ok = for_all_devices(call, wipe_table, true) || ok;
  ok = remove_closed(call) || ok;
  const auto left = all_devices(session, true);
  ok = left.has_value() || ok;
  const std::size_t count = left.value_or(*open).size();
  if (count != 0) session.error("Unable to remove {} device(s).", count);
  return ok;
}

}  // namespace sim::dmsetup
