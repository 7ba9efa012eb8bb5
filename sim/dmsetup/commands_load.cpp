// SPDX-License-Identifier: GPL-2.0-or-later
// create, load (reload), wipe_table.
#include <cctype>

#include "sim/dmsetup/commands.h"
#include "sim/dmsetup/table_text.h"

namespace sim::dmsetup {
namespace {

bool create_device(const Call& call, const std::string& name, const std::string* file) {
  Session& session = call.session;
  const Options& options = session.options;
  Task task(session, TaskType::create);
  if (!task.set_name(name)) return false;
  if (options.uuid && !task.set_uuid(*options.uuid)) return false;
  if (!options.no_table) {
    auto table = table_of_run(session, file);
    if (!table) return session.backtrace();
    for (Target& target : *table) task.add_target(std::move(target));
  }
  task.read_only = options.read_only;
  if (options.major) task.set_device(*options.major, *options.minor);
  // --concise names a minor number alone: the major one is device-mapper's.
  if (!options.major && options.minor) task.set_default_major_minor(*options.minor);
  apply_common_options(session, task);
  if (options.read_ahead) task.set_read_ahead(*options.read_ahead);
  task.add_node_on_create = options.add_node_on_create;
  task.set_cookie();
  const bool ok = task.run() || session.backtrace();
  session.node_operations.apply();
  if (ok && options.verbose != 0) return show_device(call, task);
  return ok;
}

// The devices of a --concise list: fields separated by commas, table lines too, devices by semicolons; a
// backslash quotes the next character.
class ConciseReader {
 public:
  ConciseReader(const Call& call, const std::string& text) : call_(call), text_(text) {}

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
    Options& options = call_.session.options;
    if (!fields_[1].empty()) options.uuid = fields_[1];
    if (!fields_[2].empty()) options.minor = number_prefix(fields_[2]);
    if (fields_[3] == "ro") {
      options.read_only = true;
    } else if (!fields_[3].empty() && fields_[3] != "rw") {
      call_.session.error("Invalid flags parameter '{}' must be 'ro' or 'rw' or empty.", fields_[3]);
      return false;
    }
    options.table = fields_[4];
    if (!create_device(call_, fields_[0], nullptr)) return false;
    options.uuid.reset();
    options.minor.reset();
    options.table.reset();
    options.read_only = false;
    fields_ = {""};
    skip_whitespace();
    return true;
  }

  const Call& call_;
  const std::string& text_;
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
  Task task(session, TaskType::table);
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
  return create_device(call, call.arguments[0], call.arguments.size() == 2 ? &call.arguments[1] : nullptr);
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
  Task task(session, TaskType::reload);
  if (!choose_device(session, task, name)) return session.backtrace();
  auto table = table_of_run(session, arguments.size() == 1 ? arguments.data() : nullptr);
  if (!table) return session.backtrace();
  for (Target& target : *table) task.add_target(std::move(target));
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
  Task task(session, TaskType::reload);
  if (!choose_device(session, task, name)) return session.backtrace();
  task.add_target({0, size, "error", ""});
  task.read_only = session.options.read_only;
  apply_common_options(session, task);
  if (!task.run()) return session.backtrace();
  if (session.options.force) {
    // A flush may hang: the table that is replaced may be what does not answer.
    session.options.no_lockfs = true;
    session.options.no_flush = true;
  }
  if (run_simple(call, TaskType::resume, name)) return true;
  (void)run_simple(call, TaskType::clear, name);
  return session.backtrace();
}

}  // namespace sim::dmsetup
