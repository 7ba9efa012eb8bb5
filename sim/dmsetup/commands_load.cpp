// SPDX-License-Identifier: GPL-2.0-or-later
// create, load (reload), wipe_table.
#include <cctype>

#include "sim/dmsetup/commands.h"
#include "sim/libdm/table_text.h"

namespace sim::dmsetup {
namespace {

using Table = std::vector<Target>;

// A table's text is where the command line says: in --table, in a file, or on standard input.
tl::expected<Table, std::string> read_table(Session& session, const std::string* file) {
  if (session.options.table) return libdm::parse_table(*session.options.table, "");
  if (file == nullptr) return libdm::parse_table(session.take_input(), "on stdin");
  const auto text = session.context.system.read_file(*file);
  if (!text) return tl::unexpected(fmt::format("Couldn't open '{}' for reading.", *file));
  return libdm::parse_table(*text, *file);
}

// Gives the task its table. False, with a message, if the text is none.
bool add_table(const Call& call, Task& task, tl::expected<Table, std::string> table) {
  if (!table) {
    call.session.error("{}", table.error());
    return call.session.backtrace();
  }
  for (Target& target : *table) task.add_target(std::move(target));
  return true;
}

// What `create` needs to know of a device beside the options that all devices of a run share.
struct NewDevice {
  std::string name;
  std::optional<std::string> uuid;
  std::optional<int> major;  // missing, with a minor number: device-mapper's
  std::optional<int> minor;
  bool read_only = false;
};

// `table` is called when its turn has come, so that mistakes are found in dmsetup's order; it may be empty.
bool create_device(const Call& call, const NewDevice& device,
                   const std::function<tl::expected<Table, std::string>()>& table) {
  Session& session = call.session;
  const Options& options = session.options;
  Task task(session.context, TaskType::create);
  if (!task.set_name(device.name)) return false;
  if (device.uuid && !task.set_uuid(*device.uuid)) return false;
  if (table && !add_table(call, task, table())) return false;
  task.read_only = device.read_only;
  if (device.major) {
    task.set_device(*device.major, *device.minor);
  } else if (device.minor) {
    task.set_minor(*device.minor);
  }
  apply_common_options(session, task);
  if (options.read_ahead) task.set_read_ahead(*options.read_ahead);
  task.add_node_on_create = options.add_node_on_create;
  task.set_cookie();
  const bool ok = task.run() || session.backtrace();
  session.context.node_operations.apply();
  if (ok && options.verbose != 0) return show_device(call, task);
  return ok;
}

// The devices of a --concise list: fields separated by commas, table lines too, devices by semicolons; a
// backslash quotes the next character.
class ConciseReader {
 public:
  ConciseReader(const Call& call, const std::string& text)
      : call_(call), text_(text), read_only_(call.session.options.read_only) {}

  bool read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        if (at_ + 1 == text_.size())
          return refuse("Backslash must be followed by another character at end of string.");
        fields_.back() += text_[at_ + 1];
        at_ += 2;
      } else if (c == ',' && fields_.size() < fields_of_device) {
        at_++;
        fields_.emplace_back();
        skip_whitespace();
      } else if (c == ',') {
        at_++;
        fields_.back() += '\n';
      } else if (c == ';' || at_ + 1 == text_.size()) {
        if (c != ';') fields_.back() += c;
        at_++;
        if (!finish_device()) return false;
      } else {
        fields_.back() += c;
        at_++;
      }
    }
    const bool nothing_left = fields_.size() == 1 && fields_[0].empty();
    return nothing_left ||
           refuse("Incomplete entry: five comma-separated fields are required for each device");
  }

 private:
  static constexpr std::size_t fields_of_device = 5;  // name, uuid, minor, flags, table

  bool refuse(std::string_view text) {
    call_.session.error("{}", text);
    return false;
  }

  void skip_whitespace() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) at_++;
  }

  bool finish_device() {
    if (fields_.size() != fields_of_device) {
      return refuse("Five comma-separated fields are required for each device");
    }
    NewDevice device{.name = fields_[0],
                     .uuid = {},
                     .major = {},
                     .minor = {},
                     .read_only = std::exchange(read_only_, false)};
    if (!fields_[1].empty()) device.uuid = fields_[1];
    if (!fields_[2].empty()) device.minor = number_prefix(fields_[2]);
    if (fields_[3] == "ro") {
      device.read_only = true;
    } else if (!fields_[3].empty() && fields_[3] != "rw") {
      call_.session.error("Invalid flags parameter '{}' must be 'ro' or 'rw' or empty.", fields_[3]);
      return false;
    }
    if (!create_device(call_, device, [this] { return libdm::parse_table(fields_[4], ""); })) return false;
    fields_ = {""};
    skip_whitespace();
    return true;
  }

  const Call& call_;
  const std::string& text_;
  bool read_only_;  // --readonly counts for the first device only
  std::size_t at_ = 0;
  std::vector<std::string> fields_ = {""};
};

bool create_concise(const Call& call) {
  const Options& options = call.session.options;
  if (options.table || options.minor || options.uuid || options.no_table || options.inactive) {
    call.session.error("--concise is incompatible with --[no]table, --minor, --uuid and --inactive.");
    return false;
  }
  const std::string text = call.arguments.empty() ? call.session.take_input() : call.arguments[0];
  return ConciseReader(call, text).read();
}

// How long a device's table is, in sectors; 0 if it has none.
std::uint64_t device_size(Session& session, const std::string& name) {
  Task task(session.context, TaskType::table);
  if (!choose_device(session, task, &name)) return 0;
  apply_common_options(session, task);
  if (!task.run() || !task.info().exists) {
    session.backtrace();
    return 0;
  }
  std::uint64_t size = 0;
  for (const Target& target : task.targets()) size += target.length;
  return size;
}

}  // namespace

bool create(const Call& call) {
  Session& session = call.session;
  if (session.options.concise) {
    if (call.arguments.size() <= 1) return create_concise(call);
    session.error("dmsetup create --concise takes at most one argument");
    return false;
  }
  if (call.arguments.empty()) {
    session.error("Please provide a name for the new device.");
    return false;
  }
  const Options& options = session.options;
  const NewDevice device{.name = call.arguments[0],
                         .uuid = options.uuid,
                         .major = options.major,
                         .minor = options.minor,
                         .read_only = options.read_only};
  if (options.no_table) return create_device(call, device, {});
  const std::string* file = call.arguments.size() == 2 ? &call.arguments[1] : nullptr;
  return create_device(call, device, [&] { return read_table(session, file); });
}

bool load(const Call& call) {
  Session& session = call.session;
  const Options& options = session.options;
  if (options.no_table) {
    session.error("--notable only available when creating new device.");
    return false;
  }
  auto arguments = call.arguments;
  const std::string* name = nullptr;
  if (!options.uuid && !options.major) {
    if (arguments.empty()) {
      session.error("Please specify device.");
      return false;
    }
    name = arguments.data();
    arguments = arguments.subspan(1);
  } else if (arguments.size() > 1) {
    session.error("Too many command line arguments.");
    return false;
  }
  Task task(session.context, TaskType::reload);
  if (!choose_device(session, task, name)) return session.backtrace();
  const std::string* file = arguments.size() == 1 ? arguments.data() : nullptr;
  if (!add_table(call, task, read_table(session, file))) return false;
  task.read_only = options.read_only;
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  return options.verbose == 0 || show_device(call, task);
}

// Replaces a device's table by one that fails all I/O.
bool wipe_table(const Call& call) {
  Session& session = call.session;
  const std::string* name = call.device != nullptr ? call.device : call.first();
  if (name == nullptr || name->empty()) {
    session.error("No device specified.");
    return false;
  }
  const std::uint64_t size = device_size(session, *name);
  Task task(session.context, TaskType::reload);
  if (!choose_device(session, task, name)) return session.backtrace();
  task.add_target({0, size, "error", ""});
  task.read_only = session.options.read_only;
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  if (session.options.force) {
    // A flush may hang: the table that is replaced may be what does not answer.
    session.no_lockfs = true;
    session.no_flush = true;
  }
  if (run_simple(call, TaskType::resume, name)) return true;
  (void)run_simple(call, TaskType::clear, name);
  return session.backtrace();
}

}  // namespace sim::dmsetup
