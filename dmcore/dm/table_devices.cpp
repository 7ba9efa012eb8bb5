// SPDX-License-Identifier: GPL-2.0-or-later
// The devices of a table: names, opening and closing.
#include <algorithm>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/table.h"

namespace dmcore {

namespace {

// dev_t has 12 bits for the major and 20 for the minor number.
constexpr std::uint32_t max_major = (1U << 12) - 1;
constexpr std::uint32_t max_minor = (1U << 20) - 1;

bool is_device_number(DevT dev) {
  return dev.major <= max_major && dev.minor <= max_minor;
}

// sscanf(text, "%u:%u"); removes what it read from `text`.
std::optional<DevT> scan_numbers(std::string_view& text) {
  std::string_view rest = text;
  const std::optional<std::uint64_t> major = scan_leading_u64(rest);
  if (!major || !rest.starts_with(':')) return std::nullopt;
  rest.remove_prefix(1);
  const std::optional<std::uint64_t> minor = scan_leading_u64(rest);
  if (!minor) return std::nullopt;
  text = rest;
  return DevT{static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)};
}

std::optional<DevT> whole_numbers(std::string_view text) {
  const std::optional<DevT> dev = scan_numbers(text);
  return text.empty() ? dev : std::nullopt;
}

// simple_strtoul() in base 16, for a text of digits only. Numbers that are too large lose their high digits.
std::optional<std::uint32_t> hex_digits(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint32_t value = 0;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto digit = std::string_view("0123456789abcdef").find(lower);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4U | static_cast<std::uint32_t>(digit);
  }
  return value;
}

// The other forms of device numbers that init/do_mounts.c accepts: "major:minor:offset:", and hexadecimal
// digits in the layout of new_decode_dev().
std::optional<DevT> odd_numbers(std::string_view text) {
  std::string_view rest = text;
  if (const std::optional<DevT> dev = scan_numbers(rest); dev && rest.starts_with(':')) {
    rest.remove_prefix(1);
    // As in the kernel, only a colon with something behind it is an error after the third number.
    const bool third = scan_leading_u64(rest).has_value();
    if (third && !(rest.size() > 1 && rest.starts_with(':'))) return dev;
  }
  const std::optional<std::uint32_t> hex = hex_digits(text);
  if (!hex) return std::nullopt;
  const std::uint32_t code = *hex;
  return DevT{(code & 0xfff00U) >> 8U, (code & 0xffU) | ((code >> 12U) & 0xfff00U)};
}

OpenMode widened(OpenMode a, OpenMode b) {
  return OpenMode{a.read || b.read, a.write || b.write};
}

}  // namespace

// dm_get_dev_t(): a path, or any name that the kernel accepts for the root device.
Result<DevT> Table::resolve(std::string_view path) const {
  if (const std::optional<DevT> dev = whole_numbers(path)) {
    if (!is_device_number(*dev)) return Errno::overflow;
    return *dev;
  }
  if (const Result<DevT> dev = md_.layer().lookup_path(path); dev.ok()) return *dev;
  if (const std::optional<DevT> dev = odd_numbers(path); dev && is_device_number(*dev) && *dev != DevT{})
    return *dev;
  return Errno::nodev;
}

Result<TableDevice*> Table::get_device(std::string_view path, OpenMode mode) {
  DMCORE_TRY_ASSIGN(const DevT dev, resolve(path));

  WriteGuard guard(devices_lock_);
  const auto used = std::find_if(devices_.begin(), devices_.end(),
                                 [&](const UsedDevice& other) { return other.device->device->dev() == dev; });
  if (used == devices_.end()) {
    const Result<TableDevice*> device = md_.get_table_device(dev, mode);
    if (device.ok()) devices_.push_front(UsedDevice{*device, {}, 1});
    return device;
  }
  if (widened(used->device->mode, mode) != used->device->mode) DMCORE_TRY(upgrade(*used, mode));
  ++used->references;
  return used->device;
}

Status Table::upgrade(UsedDevice& used, OpenMode mode) {
  DMCORE_TRY_ASSIGN(TableDevice* const wider,
                    md_.get_table_device(used.device->device->dev(), widened(used.device->mode, mode)));
  used.superseded.push_back(used.device);
  used.device = wider;
  return {};
}

void Table::put_device(TableDevice* device) {
  WriteGuard guard(devices_lock_);
  const auto used = std::find_if(devices_.begin(), devices_.end(), [&](const UsedDevice& candidate) {
    const std::vector<TableDevice*>& old = candidate.superseded;
    return candidate.device == device || std::find(old.begin(), old.end(), device) != old.end();
  });
  if (used == devices_.end()) {
    log().err(table_log_prefix, "{}: device {} not in table devices list", device_name(), device->name);
    return;
  }
  if (--used->references != 0) return;
  md_.put_table_device(used->device);
  for (TableDevice* old : used->superseded) md_.put_table_device(old);
  devices_.erase(used);
}

std::vector<const TableDevice*> Table::devices() const {
  std::vector<const TableDevice*> devices;
  for (const UsedDevice& used : devices_) devices.push_back(used.device);
  return devices;
}

}  // namespace dmcore
