// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/dm.h"

#include <fmt/core.h>
#include <utility>

#include "dmcore/dm/ioctl_format.h"

#include "sim/libdm/table_text.h"

namespace sim::host {
namespace {

using dmcore::Errno;
using libdm::Context;
using libdm::LogLevel;
using libdm::Task;
using libdm::TaskType;

// One request, with a context of its own, as of a program that makes only this one: requests of several tasks
// of the machine do not mix.
class Request {
 public:
  Request(libdm::System& system, TaskType type)
      : context_(system, LogLevel::error,
                 [this](LogLevel, std::string_view line) {
                   if (!errors_.empty()) errors_ += '\n';
                   errors_ += line;
                 }),
        task_(context_, type) {}

  Task& task() { return task_; }

  DmStatus run(const std::string& name) {
    if (!task_.set_name(name)) return fail(Errno::inval);
    return run();
  }
  DmStatus run() {
    const bool done = task_.run();
    context_.node_operations.apply();
    if (!done) return fail(task_.error());
    return {};
  }
  // The same, for a question about a device that must be there.
  DmStatus ask(const std::string& name) {
    DmStatus status = run(name);
    if (status.ok() && !task_.info().exists)
      return tl::unexpected(DmError{Errno::nxio, "Device does not exist."});
    return status;
  }
  DmStatus fail(Errno error) { return tl::unexpected(DmError{error, std::move(errors_)}); }

 private:
  std::string errors_;
  Context context_;
  Task task_;
};

}  // namespace

DmStatus Dm::create(const std::string& name, const Table& table, const CreateOptions& options) {
  Request request(system_, TaskType::create);
  Task& task = request.task();
  if (!options.uuid.empty() && !task.set_uuid(options.uuid)) return request.fail(Errno::inval);
  if (options.minor) task.set_minor(static_cast<int>(*options.minor));
  for (const Target& target : table) task.add_target(target);
  task.read_only = options.read_only;
  task.set_cookie();
  return request.run(name);
}

DmStatus Dm::load(const std::string& name, const Table& table, bool read_only) {
  Request request(system_, TaskType::reload);
  for (const Target& target : table) request.task().add_target(target);
  request.task().read_only = read_only;
  return request.run(name);
}

DmStatus Dm::suspend(const std::string& name, SuspendOptions options) {
  Request request(system_, TaskType::suspend);
  request.task().no_flush = options.no_flush;
  request.task().no_lockfs = options.no_lockfs;
  return request.run(name);
}

DmStatus Dm::resume(const std::string& name, SuspendOptions options) {
  Request request(system_, TaskType::resume);
  request.task().no_flush = options.no_flush;
  request.task().no_lockfs = options.no_lockfs;
  request.task().set_cookie();
  return request.run(name);
}

DmStatus Dm::clear(const std::string& name) {
  return Request(system_, TaskType::clear).run(name);
}

DmStatus Dm::remove(const std::string& name, RemoveOptions options) {
  Request request(system_, TaskType::remove);
  request.task().retry_remove = options.retry;
  request.task().deferred_remove = options.deferred;
  request.task().set_cookie();
  return request.run(name);
}

DmStatus Dm::rename(const std::string& name, const std::string& new_name) {
  Request request(system_, TaskType::rename);
  if (!request.task().set_new_name(new_name)) return request.fail(Errno::inval);
  request.task().set_cookie();
  return request.run(name);
}

DmResult<std::string> Dm::message(const std::string& name, dmcore::sector_t sector, const std::string& text) {
  Request request(system_, TaskType::target_message);
  request.task().set_message(sector, text);
  if (const DmStatus status = request.run(name); !status.ok()) return tl::unexpected(status.error());
  return request.task().message_response().value_or("");
}

DmResult<Info> Dm::wait(const std::string& name, std::uint32_t event_nr) {
  Request request(system_, TaskType::wait_event);
  request.task().set_event_nr(event_nr);
  if (const DmStatus status = request.run(name); !status.ok()) return tl::unexpected(status.error());
  return request.task().info();
}

DmResult<Table> Dm::status(const std::string& name, bool no_flush) {
  Request request(system_, TaskType::status);
  request.task().no_flush = no_flush;
  if (const DmStatus status = request.ask(name); !status.ok()) return tl::unexpected(status.error());
  return request.task().targets();
}

DmResult<Table> Dm::table(const std::string& name, bool inactive) {
  Request request(system_, TaskType::table);
  request.task().inactive = inactive;
  if (const DmStatus status = request.ask(name); !status.ok()) return tl::unexpected(status.error());
  return request.task().targets();
}

DmResult<CloneStatus> Dm::clone_status(const std::string& name, bool no_flush) {
  const auto lines = status(name, no_flush);
  if (!lines.ok()) return tl::unexpected(lines.error());
  if (lines->size() == 1 && lines->front().type == "clone") {
    if (auto parsed = CloneStatus::parse(lines->front().params)) return *std::move(parsed);
  }
  return tl::unexpected(DmError{Errno::inval, fmt::format("{} is not a clone", name)});
}

DmResult<Info> Dm::info(const std::string& name) {
  Request request(system_, TaskType::info);
  if (const DmStatus status = request.ask(name); !status.ok()) return tl::unexpected(status.error());
  return request.task().info();
}

DmResult<std::vector<dmcore::DevT>> Dm::deps(const std::string& name) {
  Request request(system_, TaskType::deps);
  if (const DmStatus status = request.run(name); !status.ok()) return tl::unexpected(status.error());
  std::vector<dmcore::DevT> devices;
  for (const std::uint64_t device : request.task().dependencies()) {
    devices.push_back({dmcore::ioctl::device_major(device), dmcore::ioctl::device_minor(device)});
  }
  return devices;
}

DmResult<std::vector<std::string>> Dm::names() {
  Request request(system_, TaskType::names);
  if (const DmStatus status = request.run(); !status.ok()) return tl::unexpected(status.error());
  std::vector<std::string> names;
  for (const libdm::DeviceName& device : request.task().names()) names.push_back(device.name);
  return names;
}

DmResult<Table> parse_table(std::string_view text) {
  auto table = libdm::parse_table(text, "");
  if (!table) return tl::unexpected(DmError{Errno::inval, std::move(table.error())});
  return *std::move(table);
}

}  // namespace sim::host
