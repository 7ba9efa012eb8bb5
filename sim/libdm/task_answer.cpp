// SPDX-License-Identifier: GPL-2.0-or-later
// Reading what the kernel answered.
#include <algorithm>
#include <cstring>

#include "sim/libdm/task.h"

namespace sim::libdm {

namespace io = dmcore::ioctl;

template <class T>
std::optional<T> Task::record_at(std::size_t offset) const {
  if (offset + sizeof(T) > answer_.size()) return std::nullopt;
  T record;
  std::memcpy(&record, answer_.data() + offset, sizeof(T));
  return record;
}

io::IoctlHeader Task::header() const {
  return record_at<io::IoctlHeader>(0).value_or(io::IoctlHeader{});
}

std::string Task::text_at(std::size_t offset) const {
  if (offset >= answer_.size()) return {};
  const auto* text = reinterpret_cast<const char*>(answer_.data()) + offset;
  return {text, strnlen(text, answer_.size() - offset)};
}

// The kinds of requests whose answer can be larger than the buffer.
bool Task::answer_grows() const {
  using enum TaskType;
  switch (type_) {
    case versions:
    case names:
    case deps:
    case status:
    case table:
    case wait_event:
    case target_message:
      return true;
    default:
      return false;
  }
}

bool Task::unmangle_text(std::string& text, std::string_view what) {
  if (context_.mangling == Mangling::none) return true;
  if (context_.mangling == Mangling::automatic && mangled_more_than_once(text)) {
    context_.error("The {} \"{}\" seems to be mangled more than once. This is not allowed in auto mode.",
                   what, text);
    return false;
  }
  MangleResult result = unmangle(text, what, context_.mangling);
  if (result.outcome == MangleResult::Outcome::failed) {
    context_.error("{}", result.text);
    return false;
  }
  if (result.outcome == MangleResult::Outcome::changed) text = std::move(result.text);
  return true;
}

bool Task::unmangle_answer() {
  const io::IoctlHeader head = header();
  answer_name_ = std::string(head.name, strnlen(head.name, io::name_size));
  answer_uuid_ = std::string(head.uuid, strnlen(head.uuid, io::uuid_size));
  bool ok = unmangle_text(answer_name_, "name");
  if (type_ == TaskType::names) {
    names_.clear();
    for (std::size_t offset = head.data_start;;) {
      const auto entry = record_at<io::NameListEntry>(offset);
      if (!entry || entry->dev == 0) break;
      std::string name = text_at(offset + io::name_list_name_offset);
      // A uuid in wrong form fails the whole list, too.
      const std::size_t event =
          head.data_start +
          io::align_record(offset - head.data_start + io::name_list_name_offset + name.size() + 1);
      const auto flags = record_at<std::uint32_t>(event + sizeof(std::uint32_t));
      if (flags && (*flags & io::name_list_has_uuid) != 0) {
        std::string uuid = text_at(event + 2 * sizeof(std::uint32_t));
        ok = unmangle_text(uuid, "UUID") && ok;
      }
      ok = unmangle_text(name, "name") && ok;
      names_.push_back({entry->dev, std::move(name)});
      if (entry->next == 0) break;
      offset += entry->next;
    }
  }
  if (!ok) return false;
  return type_ == TaskType::remove || unmangle_text(answer_uuid_, "UUID");
}

std::vector<Target> Task::read_targets() const {
  const io::IoctlHeader head = header();
  std::vector<Target> result;
  std::size_t offset = head.data_start;
  for (std::uint32_t i = 0; exists_ && i < head.target_count; i++) {
    const auto spec = record_at<io::TargetSpec>(offset);
    if (!spec) break;
    result.push_back({spec->sector_start, spec->length,
                      std::string(spec->target_type, strnlen(spec->target_type, io::target_type_size)),
                      text_at(offset + sizeof(*spec))});
    offset = std::size_t{head.data_start} + spec->next;
  }
  return result;
}

// What a successful request changes in /dev/mapper and in this task.
void Task::follow_up() {
  const std::uint64_t device = header().dev;
  NodeOperations& nodes = context_.node_operations;
  const std::string name = kernel_name();
  using enum TaskType;
  switch (type_) {
    case create:
      if (add_node_on_create && !name.empty()) nodes.add(name, device);
      break;
    case remove:
      if (name_) nodes.remove(name);
      break;
    case rename:
      if (!new_name_is_uuid_ && name_) nodes.rename(name, *new_name_);
      break;
    case resume:
      if (!add_node_on_create && !name.empty()) nodes.add(name, device);
      nodes.set_read_ahead(name, device, read_ahead_);
      break;
    case mknodes:
      if (exists_) {
        nodes.add(answer_name_, device);
      } else if (name_) {
        nodes.remove(name);
      }
      break;
    case status:
    case table:
    case wait_event:
      targets_ = read_targets();
      break;
    default:
      break;
  }
}

Info Task::info() const {
  Info result;
  result.exists = exists_ && !answer_.empty();
  if (!result.exists) return result;
  const io::IoctlHeader head = header();
  result.suspended = (head.flags & io::flag_suspend) != 0;
  result.read_only = (head.flags & io::flag_readonly) != 0;
  result.live_table = (head.flags & io::flag_active_present) != 0;
  result.inactive_table = (head.flags & io::flag_inactive_present) != 0;
  result.deferred_remove = (head.flags & io::flag_deferred_remove) != 0;
  result.target_count = head.target_count;
  result.open_count = head.open_count;
  result.event_nr = head.event_nr;
  result.major = io::device_major(head.dev);
  result.minor = io::device_minor(head.dev);
  return result;
}

std::string Task::name() const {
  return answer_name_;
}

std::string Task::uuid() const {
  return answer_uuid_;
}

std::optional<std::uint32_t> Task::read_ahead() const {
  if (!exists_) return std::nullopt;
  const Info device = info();
  const auto sectors = context_.system.read_ahead(device.device());
  if (sectors) {
    context_.debug("{} ({}:{}): read ahead is {}", answer_name_, device.major, device.minor, *sectors);
  } else {
    context_.debug("/sys/dev/block/{}:{}/bdi/read_ahead_kb: open failed: No such file or directory",
                   device.major, device.minor);
    context_.backtrace();
  }
  return sectors;
}

std::vector<std::uint64_t> Task::dependencies() const {
  const std::size_t start = header().data_start;
  const auto deps = record_at<io::TargetDeps>(start);
  std::vector<std::uint64_t> result;
  for (std::uint32_t i = 0; deps && i < deps->count; i++) {
    const auto device = record_at<std::uint64_t>(start + sizeof(*deps) + i * sizeof(std::uint64_t));
    if (!device) break;
    result.push_back(*device);
  }
  return result;
}

std::vector<TargetVersion> Task::versions() const {
  std::vector<TargetVersion> result;
  for (std::size_t offset = header().data_start;;) {
    const auto record = record_at<io::TargetVersions>(offset);
    if (!record) break;
    TargetVersion version{text_at(offset + sizeof(*record)), {}};
    std::copy(std::begin(record->version), std::end(record->version), version.version);
    result.push_back(std::move(version));
    if (record->next == 0) break;
    offset += record->next;
  }
  return result;
}

std::optional<std::string> Task::message_response() const {
  if ((header().flags & io::flag_data_out) == 0) return std::nullopt;
  return text_at(header().data_start);
}

std::string Task::driver_version() const {
  const io::IoctlHeader head = header();
  return fmt::format("{}.{}.{}", head.version[0], head.version[1], head.version[2]);
}

}  // namespace sim::libdm
