// SPDX-License-Identifier: GPL-2.0-or-later
// rename, mangle, splitname.
#include "dmcore/dm/ioctl_format.h"

#include "sim/dmsetup/commands.h"

namespace sim::dmsetup {

using libdm::MangleResult;
using libdm::Mangling;

bool rename_device(Session& session, const std::string* name, const std::string* new_name,
                   const std::string* new_uuid) {
  Task task(session.context, TaskType::rename);
  bool ok = choose_device(session, task, name);
  ok = ok && (new_uuid != nullptr ? task.set_new_uuid(*new_uuid) : task.set_new_name(*new_name));
  if (ok) {
    apply_common_options(session, task);
    task.set_cookie();
    ok = task.run();
  }
  if (!ok) session.backtrace();
  session.context.node_operations.apply();
  return ok;
}

bool rename(const Call& call) {
  const std::string* name = call.arguments.size() == 2 ? call.first() : nullptr;
  const std::string* to = &call.arguments.back();
  const bool uuid = call.session.options.set_uuid;
  return rename_device(call.session, name, uuid ? nullptr : to, uuid ? to : nullptr);
}

// Renames a device whose name is not in the form that the mangling mode asks for. main() switches mangling
// off, so that names are seen here as the kernel has them.
bool mangle_names(const Call& call) {
  Session& session = call.session;
  const Options& options = session.options;
  if (call.device == nullptr && call.arguments.empty() && !options.uuid && !options.major) {
    return for_all_devices(call, mangle_names);
  }
  const std::string* argument = call.device != nullptr ? call.device : call.first();
  Task task(session.context, TaskType::status);
  task.checks = !options.checks;  // the one command that has it the wrong way round
  if (!choose_device(session, task, argument) || !task.run() || !task.info().exists) {
    return session.backtrace();
  }
  const std::string uuid = task.uuid();
  const Mangling target = options.mangling.value_or(Mangling::automatic);
  // It looks at the name it was given, and there is none.
  if (argument == nullptr) throw Crash();
  const std::string& name = *argument;
  if (target == Mangling::automatic &&
      (libdm::mangled_more_than_once(name) || libdm::mangled_more_than_once(uuid))) {
    session.error("The name \"{}\" or the UUID \"{}\" seems to be mangled more than once.", name, uuid);
    return false;
  }
  const auto converted = [&](const std::string& text, std::string_view what, std::size_t size_max) {
    return target == Mangling::none ? libdm::unmangle(text, what, Mangling::none)
                                    : libdm::mangle(text, what, size_max, session.context.mangling);
  };
  const MangleResult new_name = converted(task.name(), "name", dmcore::ioctl::name_size);
  const MangleResult new_uuid = converted(uuid, "UUID", dmcore::ioctl::uuid_size);
  for (const MangleResult& result : {new_name, new_uuid}) {
    if (result.outcome != MangleResult::Outcome::failed) continue;
    session.error("{}", result.text);
    return false;
  }
  if (new_uuid.outcome == MangleResult::Outcome::changed) {
    session.error("{}: {}: UUID in incorrect form. ", name, uuid);
    session.error("Unable to change device UUID. The device must be deactivated first.");
    return false;
  }
  const std::string wanted = new_name.outcome == MangleResult::Outcome::changed ? new_name.text : task.name();
  if (name == wanted) {
    session.print("{}: {}: name {}already in correct form\n", name, uuid.empty() ? "[no UUID]" : uuid,
                  uuid.empty() ? "" : "and UUID ");
    return true;
  }
  session.print("{}: renaming to {}\n", name, wanted);
  return rename_device(session, &name, &wanted, nullptr);
}

bool split_name(const Call& call) {
  const std::string_view subsystem = call.arguments.size() == 2 ? std::string_view(call.arguments[1]) : "LVM";
  return call.report->add_split_name(libdm::split_lvm_name(subsystem, *call.first()));
}

}  // namespace sim::dmsetup
