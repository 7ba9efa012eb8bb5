// SPDX-License-Identifier: GPL-2.0-or-later
// Setting up a request, and the requests that are made of several.
#include "sim/libdm/task.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace sim::libdm {

namespace io = dmcore::ioctl;

namespace {

// Flags for udev, in the upper half of the cookie: leave the device alone, libdevmapper makes its node.
constexpr std::uint32_t udev_disable_dm_rules = 0x0001;
constexpr std::uint32_t udev_disable_subsystem_rules = 0x0002;
constexpr unsigned udev_flags_shift = 16;

}  // namespace

Task::Task(Context& context, TaskType type) : context_(context), type_(type) {
  // A program's first request is preceded by one that asks for the version.
  if (context.version_ok) return;
  context.version_ok = true;
  context.version_ok = Task(context, TaskType::version).run();
  if (!*context.version_ok) context.error("Incompatible libdevmapper and kernel driver.");
}

std::optional<std::string> Task::mangled(const std::string& text, std::string_view what,
                                         std::size_t size_max) {
  if (context_.mangling == Mangling::automatic && mangled_more_than_once(text)) {
    context_.error("The {} \"{}\" seems to be mangled more than once. This is not allowed in auto mode.",
                   what, text);
    return std::nullopt;
  }
  if (context_.mangling == Mangling::none) return text;
  MangleResult result = mangle(text, what, size_max, context_.mangling);
  if (result.outcome == MangleResult::Outcome::failed) {
    context_.error("{}", result.text);
    context_.error("Failed to mangle device {} \"{}\".", what, text);
    return std::nullopt;
  }
  return result.outcome == MangleResult::Outcome::changed ? result.text : text;
}

bool Task::store_name(const std::string& name, Mangling mangling) {
  name_.reset();
  mangled_name_.reset();
  if (name.size() >= io::name_size) {
    context_.error("Name \"{}\" too long.", name);
    return false;
  }
  if (mangling != Mangling::none) {
    auto text = mangled(name, "name", io::name_size);
    if (!text) return false;
    if (*text != name) mangled_name_ = std::move(*text);
  }
  name_ = name;
  return true;
}

bool Task::set_name(const std::string& name) {
  if (const auto slash = name.rfind('/'); slash != std::string::npos) {
    return set_name_from_path(name, name.substr(slash + 1));
  }
  return store_name(name, context_.mangling);
}

bool Task::set_name_from_path(const std::string& path, const std::string& last) {
  if (type_ == TaskType::create) {
    context_.error("Name \"{}\" invalid. It contains \"/\".", path);
    return false;
  }
  constexpr std::string_view mapper = "/dev/mapper/";
  const auto lookup = [this, mapper](const std::filesystem::path& written) {
    const std::string normal = written.lexically_normal();
    const std::string_view at = normal;
    if (at.starts_with(mapper)) return context_.system.nodes().find(at.substr(mapper.size()));
    return context_.system.device_at(at);
  };
  auto device = lookup(path);
  // "mapper/NAME" and the like are looked up below /dev, too.
  const bool one_slash = std::count(path.begin(), path.end(), '/') == 1;
  if (!device && path.size() >= 3 && path[0] != '/' && one_slash)
    device = lookup(fmt::format("/dev/{}", path));
  if (!device) {
    context_.error("Device {} not found", path);
    return false;
  }
  const NodeDirectory& nodes = context_.system.nodes();
  if (nodes.find(last) == device) return store_name(last, Mangling::none);
  for (const std::string& name : nodes.names()) {
    if (nodes.find(name) == device) return store_name(name, Mangling::none);
  }
  context_.error("Device {} not found", last);
  return false;
}

bool Task::set_uuid(const std::string& uuid) {
  uuid_.reset();
  mangled_uuid_.reset();
  auto text = mangled(uuid, "UUID", io::uuid_size);
  if (!text) return false;
  if (*text != uuid) mangled_uuid_ = std::move(*text);
  uuid_ = uuid;
  return true;
}

void Task::set_device(int major, int minor) {
  major_ = major;
  minor_ = minor;
  default_major_ = false;
}

bool Task::set_new_name(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    context_.error("Name \"{}\" invalid. It contains \"/\".", name);
    return false;
  }
  if (name.size() >= io::name_size) {
    context_.error("Name \"{}\" too long", name);
    return false;
  }
  if (name.empty()) {
    context_.error("Non empty new name is required.");
    return false;
  }
  new_name_is_uuid_ = false;
  new_name_ = mangled(name, "new name", io::name_size);
  return new_name_.has_value();
}

bool Task::set_new_uuid(const std::string& uuid) {
  if (uuid.size() >= io::uuid_size) {
    context_.error("Uuid \"{}\" too long", uuid);
    return false;
  }
  new_name_is_uuid_ = true;
  new_name_ = mangled(uuid, "new UUID", io::uuid_size);
  return new_name_.has_value();
}

void Task::set_message(std::uint64_t sector, std::string text) {
  sector_ = sector;
  message_ = std::move(text);
}

void Task::set_cookie() {
  context_.look_for_udev();
  cookie_set_ = true;
  event_nr_ = (udev_disable_dm_rules | udev_disable_subsystem_rules) << udev_flags_shift;
}

bool Task::check_version() const {
  return type_ == TaskType::version || context_.version_ok.value_or(false);
}

// A device that is created with its table is created, loaded and resumed; and removed again if that fails.
bool Task::create_and_load() {
  Task create(context_, TaskType::create);
  create.name_ = name_;
  create.mangled_name_ = mangled_name_;
  create.uuid_ = uuid_;
  create.mangled_uuid_ = mangled_uuid_;
  create.major_ = major_;
  create.minor_ = minor_;
  create.event_nr_ = event_nr_;
  create.cookie_set_ = cookie_set_;
  create.add_node_on_create = add_node_on_create;
  if (!create.run()) {
    error_ = create.error_;
    return context_.backtrace();
  }

  Task load(context_, TaskType::reload);
  load.name_ = name_;
  load.mangled_name_ = mangled_name_;
  load.major_ = static_cast<int>(create.info().major);
  load.minor_ = static_cast<int>(create.info().minor);
  load.read_only = read_only;
  load.targets_ = std::exchange(targets_, {});
  const bool loaded = load.run();

  uuid_.reset();
  mangled_uuid_.reset();
  type_ = TaskType::resume;
  if (!loaded) {
    error_ = load.error_;
    context_.backtrace();
  }
  if (loaded && run()) return true;

  type_ = TaskType::remove;
  if (!run()) context_.error("Failed to revert device creation.");
  return false;
}

// Every node is checked against its device, then every device against its node.
bool Task::make_all_nodes() {
  const auto names = context_.system.nodes().names();
  for (const std::string& name : names) {
    if (!set_name(name) || !run()) context_.backtrace();
  }
  Task list(context_, TaskType::names);
  if (!list.run()) return false;
  bool ok = true;
  for (const DeviceName& entry : list.names()) {
    if (!set_name(entry.name)) return false;
    ok = run() && ok;
  }
  return ok;
}

bool Task::run() {
  if (!check_version()) return false;
  if (type_ == TaskType::create && !targets_.empty()) return create_and_load();
  if (type_ == TaskType::mknodes && !name_ && !uuid_ && major_ <= 0) return make_all_nodes();

  // libdevmapper's DM_IOCTL_RETRIES and DM_RETRY_USLEEP_DELAY.
  constexpr int attempts_max = 25;
  constexpr auto retry_delay = std::chrono::milliseconds(200);
  for (int attempts = 1;;) {
    const Attempt result = attempt(attempts);
    if (result == Attempt::done) {
      if ((header().flags & io::flag_buffer_full) == 0 || !answer_grows()) break;
      context_.buffer_doublings++;
      continue;
    }
    const bool again = result == Attempt::busy && type_ == TaskType::remove && retry_remove;
    if (!again || ++attempts > attempts_max) return false;
    context_.system.sleep_for(retry_delay);
  }
  follow_up();
  return true;
}

}  // namespace sim::libdm
