// SPDX-License-Identifier: GPL-2.0-or-later
// A request's bytes.
#include <algorithm>
#include <array>
#include <cstring>

#include "sim/libdm/task.h"

namespace sim::libdm {

namespace io = dmcore::ioctl;

namespace {

struct CommandVersion {
  io::Command command;
  std::array<std::uint32_t, 3> version;  // the interface that first had it
};

CommandVersion command_of(TaskType type) {
  using enum TaskType;
  using C = io::Command;
  switch (type) {
    case create:
      return {C::dev_create, {4, 0, 0}};
    case reload:
      return {C::table_load, {4, 0, 0}};
    case remove:
      return {C::dev_remove, {4, 0, 0}};
    case remove_all:
      return {C::remove_all, {4, 0, 0}};
    case suspend:
    case resume:
      return {C::dev_suspend, {4, 0, 0}};
    case info:
    case mknodes:
      return {C::dev_status, {4, 0, 0}};
    case deps:
      return {C::table_deps, {4, 0, 0}};
    case rename:
      return {C::dev_rename, {4, 0, 0}};
    case version:
      return {C::version, {4, 0, 0}};
    case status:
    case table:
      return {C::table_status, {4, 0, 0}};
    case wait_event:
      return {C::dev_wait, {4, 0, 0}};
    case names:
      return {C::list_devices, {4, 0, 0}};
    case clear:
      return {C::table_clear, {4, 0, 0}};
    case versions:
      return {C::list_versions, {4, 1, 0}};
    case target_message:
      return {C::target_message, {4, 2, 0}};
    case set_geometry:
      return {C::dev_set_geometry, {4, 6, 0}};
    case target_version:
      return {C::get_target_version, {4, 41, 0}};
  }
  return {C::version, {4, 0, 0}};
}

std::string_view task_name(TaskType type) {
  constexpr std::array<std::string_view, 20> names = {
      "create", "reload",  "remove",   "remove_all", "suspend",     "resume",        "info",
      "deps",   "rename",  "version",  "status",     "table",       "waitevent",     "names",
      "clear",  "mknodes", "versions", "message",    "setgeometry", "target-version"};
  return names[static_cast<std::size_t>(type)];
}

// What strerror says, for the errors that the control interface gives.
std::string error_text(dmcore::Errno error) {
  std::array<char, 128> buffer{};
  return strerror_r(static_cast<int>(error), buffer.data(), buffer.size());
}

void append(std::vector<std::byte>& to, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  to.insert(to.end(), bytes, bytes + size);
}

void append_text(std::vector<std::byte>& to, std::string_view text) {
  append(to, text.data(), text.size());
  to.push_back(std::byte{0});
}

// The kernel takes a backslash in a table line as the quote for the next character.
std::string quoted_backslashes(std::string_view params) {
  std::string out;
  for (const char c : params) {
    if (c == '\\') out += '\\';
    out += c;
  }
  return out;
}

template <std::size_t size>
void copy_text(char (&to)[size], std::string_view from) {
  std::memcpy(to, from.data(), std::min(from.size(), size));
}

std::string_view kernel_name_of(const io::IoctlHeader& header) {
  return {header.name, strnlen(header.name, io::name_size)};
}

}  // namespace

std::vector<std::byte> Task::payload() const {
  std::vector<std::byte> out;
  const bool takes_targets = type_ == TaskType::reload;
  for (const Target& target : takes_targets ? targets_ : std::vector<Target>()) {
    const std::size_t begin = out.size();
    const std::string params = quoted_backslashes(target.params);
    io::TargetSpec spec{};
    spec.sector_start = target.start;
    spec.length = target.length;
    spec.next = static_cast<std::uint32_t>(io::align_record(sizeof(spec) + params.size() + 1));
    copy_text(spec.target_type, target.type);
    append(out, &spec, sizeof(spec));
    append_text(out, params);
    out.resize(begin + spec.next);
  }
  if (new_name_) append_text(out, *new_name_);
  if (message_) {
    const io::TargetMessage message{sector_};
    append(out, &message, sizeof(message));
    append_text(out, *message_);
  }
  if (geometry_) append_text(out, *geometry_);
  return out;
}

void Task::fill_header(io::IoctlHeader& header, std::size_t size, std::size_t target_count) const {
  const CommandVersion command = command_of(type_);
  std::copy(command.version.begin(), command.version.end(), header.version);
  header.data_size = static_cast<std::uint32_t>(size);
  header.data_start = sizeof(header);
  header.target_count = static_cast<std::uint32_t>(target_count);
  header.event_nr = event_nr_;
  if (minor_ >= 0) {
    header.flags |= io::flag_persistent_dev;
    header.dev = io::encode_device(static_cast<std::uint32_t>(major_), static_cast<std::uint32_t>(minor_));
  }
  // These two commands go by the number alone if they have one.
  const bool by_number = type_ == TaskType::resume || type_ == TaskType::reload;
  if (!by_number || minor_ < 0 || major_ < 0) copy_text(header.name, kernel_name());
  copy_text(header.uuid, kernel_uuid());

  const auto set = [&header](bool condition, std::uint32_t flag) {
    if (condition) header.flags |= flag;
  };
  constexpr std::uint32_t udev_primary_source = 0x0040U << 16;
  const bool makes_uevent =
      type_ == TaskType::resume || type_ == TaskType::remove || type_ == TaskType::rename;
  if (makes_uevent) header.event_nr |= udev_primary_source;
  set(type_ == TaskType::suspend, io::flag_suspend);
  set(type_ == TaskType::table, io::flag_status_table);
  set(no_flush, io::flag_noflush);
  set(read_only, io::flag_readonly);
  set(no_lockfs, io::flag_skip_lockfs);
  set(no_open_count, io::flag_skip_bdget);
  set(deferred_remove && (type_ == TaskType::remove || type_ == TaskType::remove_all),
      io::flag_deferred_remove);
  set(inactive, io::flag_query_inactive_table);
  set(new_name_is_uuid_, io::flag_uuid);
  set(measure, io::flag_ima_measurement);
}

std::optional<std::vector<std::byte>> Task::build_request() {
  // libdevmapper's smallest buffer: enough for most answers.
  constexpr std::size_t size_min = std::size_t{16} * 1024;
  if (minor_ >= 0 && default_major_) major_ = static_cast<int>(context_.system.device_mapper_major());
  if (minor_ >= 0 && major_ <= 0) {
    context_.error("Missing major number for persistent device.");
    return std::nullopt;
  }
  const std::vector<std::byte> data = payload();
  const std::size_t size = std::max(sizeof(io::IoctlHeader) + data.size(), size_min)
                           << context_.buffer_doublings;
  std::vector<std::byte> buffer(size);
  io::IoctlHeader header{};
  fill_header(header, size, type_ == TaskType::reload ? targets_.size() : 0);
  std::memcpy(buffer.data(), &header, sizeof(header));
  if (!data.empty()) std::memcpy(buffer.data() + sizeof(header), data.data(), data.size());
  return buffer;
}

void Task::log_request(const io::IoctlHeader& header, int number) const {
  if (!context_.logs_debug()) return;
  std::string device;
  if (major_ > 0) device = fmt::format("({}:{}) ", major_, minor_);
  const auto word = [](bool condition, std::string_view text) { return condition ? text : ""; };
  const std::string options = fmt::format(
      "{}{}{}{}{}{}{}{}{}", no_open_count ? "noopencount " : "opencount ", no_flush ? "noflush " : "flush ",
      word(read_only, "readonly "), word(no_lockfs, "skiplockfs "), word(retry_remove, "retryremove "),
      word(deferred_remove, "deferredremove "), word(measure, "ima_measurement "),
      word(inactive, "inactive "), word(checks, "enablechecks "));
  context_.debug(
      "dm {} {}{} {}{} {}[ {}] {} {} [{}] (*{})", task_name(type_), word(new_name_is_uuid_, "UUID "),
      kernel_name_of(header), std::string_view(header.uuid, strnlen(header.uuid, io::uuid_size)),
      new_name_ ? " " + *new_name_ : "", device, options, sector_ != 0 ? fmt::format("{}", sector_) : "",
      message_.value_or(""), header.data_size, number);
}

Task::Attempt Task::attempt(int number) {
  auto buffer = build_request();
  if (!buffer) return Attempt::failed;
  {
    io::IoctlHeader header;
    std::memcpy(&header, buffer->data(), sizeof(header));
    log_request(header, number);
  }
  const auto command = static_cast<std::uint32_t>(command_of(type_).command);
  const dmcore::Status status = context_.system.control(command, *buffer);
  answer_ = std::move(*buffer);
  exists_ = true;
  if (!status.ok()) {
    // Asking after a device that is not there is no failure.
    const bool asks = type_ == TaskType::info || type_ == TaskType::mknodes || type_ == TaskType::status;
    if (status.error() != dmcore::Errno::nxio || !asks) {
      error_ = status.error();
      report_failure(status.error(), header());
      answer_.clear();
      return status.error() == dmcore::Errno::busy ? Attempt::busy : Attempt::failed;
    }
    exists_ = false;
  }
  if ((header().flags & io::flag_buffer_full) != 0 && answer_grows()) return Attempt::done;
  if (!unmangle_answer()) {
    answer_.clear();
    return Attempt::failed;
  }
  return Attempt::done;
}

void Task::report_failure(dmcore::Errno error, const io::IoctlHeader& header) {
  // An interrupted wait is not worth a message.
  if (error == dmcore::Errno::intr) return;
  std::string number;
  if (major_ > 0) number = fmt::format("({}:{})", major_, minor_);
  context_.error(
      "device-mapper: {} ioctl on {} {}{} failed: {}", task_name(type_),
      header.name[0] != 0 ? std::string(header.name, strnlen(header.name, io::name_size)) : kernel_name(),
      kernel_uuid(), number, error_text(error));
}

}  // namespace sim::libdm
