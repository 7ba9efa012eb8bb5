// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/concise_list.h"

#include <fmt/format.h>
#include <limits>

#include "sim/tables/text.h"

namespace sim::tables {

namespace {

// Of one device: what commas separate. A backslash takes away the meaning of what follows it.
using Fields = std::vector<std::string>;

constexpr std::size_t fields_before_table = 4;

std::vector<Fields> split_list(std::string_view list) {
  std::vector<Fields> devices = {{""}};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (c == '\\' && i + 1 < list.size()) {
      devices.back().back() += list[++i];
    } else if (c == ',') {
      devices.back().emplace_back();
    } else if (c == ';') {
      devices.push_back({""});
    } else {
      devices.back().back() += c;
    }
  }
  if (devices.back().size() == 1 && trimmed(devices.back().front()).empty()) devices.pop_back();
  return devices;
}

bool is_flag(std::string_view text) {
  return text.empty() || text == "rw" || text == "ro";
}

// Nothing if it is none.
std::optional<ConciseDevice> device_of(const Fields& fields) {
  if (fields.size() < fields_before_table) return std::nullopt;
  ConciseDevice device;
  device.name = trimmed(fields[0]);
  device.uuid = trimmed(fields[1]);
  const std::string_view minor = trimmed(fields[2]);
  if (!minor.empty()) {
    const auto number = whole_number(minor);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    device.minor = static_cast<std::uint32_t>(*number);
  }
  const std::string_view flags = trimmed(fields[3]);
  if (!is_flag(flags)) return std::nullopt;
  device.read_only = flags == "ro";
  for (std::size_t i = fields_before_table; i < fields.size(); ++i) {
    if (!trimmed(fields[i]).empty()) device.lines.emplace_back(trimmed(fields[i]));
  }
  return device;
}

}  // namespace

bool is_concise(std::string_view line) {
  const std::vector<Fields> devices = split_list(line);
  return !devices.empty() && device_of(devices.front()).has_value();
}

std::vector<ConciseDevice> read_concise(std::string_view line, const Place& where, const Quotes& quotes,
                                        Notes& notes) {
  std::vector<ConciseDevice> devices;
  for (const Fields& fields : split_list(line)) {
    if (auto device = device_of(fields)) {
      devices.push_back(*std::move(device));
    } else {
      notes.push_back(
          {Note::Kind::error, where,
           fmt::format("{} is no device of a concise list; those are NAME,UUID,MINOR,FLAGS,LINE...",
                       quotes.of(fmt::format("{}", fmt::join(fields, ","))))});
    }
  }
  return devices;
}

}  // namespace sim::tables
