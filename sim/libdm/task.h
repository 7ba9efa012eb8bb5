// SPDX-License-Identifier: GPL-2.0-or-later
// One request to the control interface, as libdevmapper makes it: names are mangled on the way in and
// unmangled on the way out, the buffer grows until the answer fits, and device nodes follow what was done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/dm/ioctl_format.h"

#include "sim/libdm/context.h"
#include "sim/libdm/table_text.h"

namespace sim::libdm {

enum class TaskType : std::uint8_t {
  create,
  reload,
  remove,
  remove_all,
  suspend,
  resume,
  info,
  deps,
  rename,
  version,
  status,
  table,
  wait_event,
  names,
  clear,
  mknodes,
  versions,
  target_message,
  set_geometry,
  target_version
};

// What the header of an answer says of a device.
struct Info {
  bool exists = false;
  bool suspended = false;
  bool read_only = false;
  bool live_table = false;
  bool inactive_table = false;
  bool deferred_remove = false;
  std::uint32_t target_count = 0;
  std::int32_t open_count = 0;
  std::uint32_t event_nr = 0;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;

  [[nodiscard]] std::uint64_t device() const { return dmcore::ioctl::encode_device(major, minor); }
};

struct DeviceName {
  std::uint64_t device;
  std::string name;
};

struct TargetVersion {
  std::string name;
  std::uint32_t version[3];
};

class Task {
 public:
  Task(Context& context, TaskType type);

  // The device it is about. False, with an error logged, if there can be no such name. A name with a slash is
  // the path of a device node.
  [[nodiscard]] bool set_name(const std::string& name);
  [[nodiscard]] bool set_uuid(const std::string& uuid);
  void set_device(int major, int minor);
  // The same, with device-mapper's major number.
  void set_minor(int minor) { minor_ = minor; }

  // What it is to do.
  void add_target(Target target) { targets_.push_back(std::move(target)); }
  [[nodiscard]] bool set_new_name(const std::string& name);
  [[nodiscard]] bool set_new_uuid(const std::string& uuid);
  void set_message(std::uint64_t sector, std::string text);
  void set_geometry(std::string text) { geometry_ = std::move(text); }
  void set_event_nr(std::uint32_t event_nr) { event_nr_ = event_nr; }
  void set_read_ahead(const ReadAhead& wanted) { read_ahead_ = wanted; }
  // With a cookie the library waits for udev after the ioctl; here that means that it then applies node
  // operations.
  void set_cookie();
  bool read_only = false;
  bool no_flush = false;
  bool no_lockfs = false;
  bool no_open_count = false;
  bool deferred_remove = false;
  bool retry_remove = false;
  bool inactive = false;
  bool measure = false;
  bool checks = false;
  bool add_node_on_create = false;

  // Sends the request; may sleep. False, with an error logged, if it failed.
  [[nodiscard]] bool run();
  // Of the ioctl that made run() fail; EINVAL if none was sent.
  [[nodiscard]] dmcore::Errno error() const { return error_; }

  // The answer to the last run(). Names are unmangled.
  [[nodiscard]] Info info() const;
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string uuid() const;
  [[nodiscard]] std::optional<std::uint32_t> read_ahead() const;
  [[nodiscard]] const std::vector<Target>& targets() const { return targets_; }
  [[nodiscard]] const std::vector<DeviceName>& names() const { return names_; }
  [[nodiscard]] std::vector<std::uint64_t> dependencies() const;
  [[nodiscard]] std::vector<TargetVersion> versions() const;
  [[nodiscard]] std::optional<std::string> message_response() const;
  [[nodiscard]] std::string driver_version() const;

 private:
  enum class Attempt : std::uint8_t { done, failed, busy };

  [[nodiscard]] bool check_version() const;
  [[nodiscard]] bool create_and_load();
  [[nodiscard]] bool make_all_nodes();
  [[nodiscard]] bool store_name(const std::string& name, Mangling mangling);
  [[nodiscard]] bool set_name_from_path(const std::string& path, const std::string& last);
  [[nodiscard]] std::optional<std::string> mangled(const std::string& text, std::string_view what,
                                                   std::size_t size_max);

  [[nodiscard]] std::optional<std::vector<std::byte>> build_request();
  void fill_header(dmcore::ioctl::IoctlHeader& header, std::size_t size, std::size_t target_count) const;
  [[nodiscard]] std::vector<std::byte> payload() const;
  [[nodiscard]] Attempt attempt(int number);
  void log_request(const dmcore::ioctl::IoctlHeader& header, int number) const;
  void report_failure(dmcore::Errno error, const dmcore::ioctl::IoctlHeader& header);
  [[nodiscard]] bool unmangle_answer();
  [[nodiscard]] bool unmangle_text(std::string& text, std::string_view what);
  [[nodiscard]] bool answer_grows() const;
  void follow_up();
  [[nodiscard]] std::vector<Target> read_targets() const;

  [[nodiscard]] dmcore::ioctl::IoctlHeader header() const;
  [[nodiscard]] std::string text_at(std::size_t offset) const;
  template <class T>
  [[nodiscard]] std::optional<T> record_at(std::size_t offset) const;
  // What the kernel knows the device by: the mangled form where there is one.
  [[nodiscard]] std::string kernel_name() const { return mangled_name_.value_or(name_.value_or("")); }
  [[nodiscard]] std::string kernel_uuid() const { return mangled_uuid_.value_or(uuid_.value_or("")); }

  Context& context_;
  TaskType type_;
  std::optional<std::string> name_;
  std::optional<std::string> mangled_name_;
  std::optional<std::string> uuid_;
  std::optional<std::string> mangled_uuid_;
  int major_ = -1;
  int minor_ = -1;
  bool default_major_ = true;
  std::vector<Target> targets_;
  std::optional<std::string> new_name_;
  bool new_name_is_uuid_ = false;
  std::optional<std::string> message_;
  std::uint64_t sector_ = 0;
  std::optional<std::string> geometry_;
  std::uint32_t event_nr_ = 0;
  bool cookie_set_ = false;
  ReadAhead read_ahead_;

  dmcore::Errno error_ = dmcore::Errno::inval;
  std::vector<std::byte> answer_;
  bool exists_ = false;
  std::string answer_name_;
  std::string answer_uuid_;
  std::vector<DeviceName> names_;
};

}  // namespace sim::libdm
