// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/probe_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace test {

using namespace dmcore;

Status ProbeTarget::ctr(std::span<const std::string> argv) {
  probe_.calls.push_back(argv.empty() ? "ctr" : fmt::format("ctr {}", fmt::join(argv, " ")));
  if (!probe_.ctr_status.ok()) return fail("constructor says no", probe_.ctr_status.error());
  if (!argv.empty()) {
    const Result<TableDevice*> found = get_device(argv[0], table().mode());
    if (!found.ok()) return fail("Device lookup failed", found.error());
    device = *found;
    start = argv.size() > 1 ? scan_u64(argv[1]).value_or(0) : 0;
    num_flush_bios = num_discard_bios = num_secure_erase_bios = num_write_zeroes_bios = 1;
  }
  if (probe_.at_ctr) probe_.at_ctr(*this);
  has_end_io = static_cast<bool>(probe_.end_io);
  return {};
}

void ProbeTarget::dtr() {
  probe_.calls.emplace_back("dtr");
  if (device != nullptr) put_device(device);
}

MapResult ProbeTarget::map(Bio& bio) {
  if (probe_.map) return probe_.map(*this, bio);
  if (device == nullptr) return MapResult::kill;
  remap(bio);
  return MapResult::remapped;
}

EndIoResult ProbeTarget::end_io(Bio& bio, BlockStatus& status) {
  return probe_.end_io(*this, bio, status);
}

std::string ProbeTarget::status(StatusType type, bool noflush) {
  if (type == StatusType::table) return device != nullptr ? fmt::format("{} {}", device->name, start) : "";
  return probe_.status_text + (noflush ? " noflush" : "");
}

Status ProbeTarget::message(std::span<const std::string> words, std::string& result) {
  probe_.calls.push_back(fmt::format("message {}", fmt::join(words, " ")));
  result = probe_.answer;
  return {};
}

TargetType probe_type(const std::string& name, Probe& probe, std::uint32_t features) {
  TargetType type;
  type.name = name;
  type.version = {1, 2, 3};
  type.features = features;
  type.has_message = true;
  type.has_io_hints = true;
  type.make = [&probe](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<ProbeTarget>(table, begin, len, probe);
  };
  return type;
}

}  // namespace test
