// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/dm_machine.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/block/lib.h"

namespace test {

using dmcore::Status;
using dmcore::ioctl::Command;

Control& Control::table(const std::vector<Line>& lines) {
  std::size_t offset = header().data_start;
  for (const Line& line : lines) {
    dmcore::ioctl::TargetSpec spec{};
    spec.sector_start = line.start;
    spec.length = line.length;
    const std::size_t size = dmcore::ioctl::align_record(sizeof spec + line.params.size() + 1);
    spec.next = static_cast<std::uint32_t>(size);
    std::memcpy(spec.target_type, line.type.data(), std::min(line.type.size(), sizeof spec.target_type));
    std::memcpy(buffer_.data() + offset, &spec, sizeof spec);
    std::memcpy(buffer_.data() + offset + sizeof spec, line.params.c_str(), line.params.size() + 1);
    offset += size;
  }
  header().target_count = static_cast<std::uint32_t>(lines.size());
  return *this;
}

std::vector<std::string> Control::targets() {
  std::vector<std::string> lines;
  std::size_t offset = header().data_start;
  for (std::uint32_t i = 0; i < header().target_count; ++i) {
    dmcore::ioctl::TargetSpec spec;
    std::memcpy(&spec, buffer_.data() + offset, sizeof spec);
    const auto* text = reinterpret_cast<const char*>(buffer_.data()) + offset + sizeof spec;
    lines.push_back(fmt::format("{} {} {} {}", spec.sector_start, spec.length, spec.target_type, text));
    offset = header().data_start + spec.next;
  }
  return lines;
}

Status DmMachine::create(std::string_view name, std::string_view uuid) {
  return Control().name(name).uuid(uuid).run(dm, Command::dev_create);
}

Status DmMachine::load(std::string_view name, const std::vector<Line>& lines, std::uint32_t flags) {
  return Control(65536).name(name).flags(flags).table(lines).run(dm, Command::table_load);
}

Status DmMachine::resume(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags).run(dm, Command::dev_suspend);
}

Status DmMachine::suspend(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags | dmcore::ioctl::flag_suspend).run(dm, Command::dev_suspend);
}

Status DmMachine::remove(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags).run(dm, Command::dev_remove);
}

dmcore::MappedDevice& DmMachine::make(std::string_view name, const std::vector<Line>& lines) {
  Status status = create(name);
  if (status.ok()) status = load(name, lines);
  if (status.ok()) status = resume(name);
  if (!status.ok()) throw std::runtime_error(fmt::format("{}: {}", name, dmcore::errno_name(status.error())));
  return device(name);
}

dmcore::MappedDevice& DmMachine::device(std::string_view name) {
  return *dm.devices().by_name(name)->md;
}

std::vector<std::string> DmMachine::log() {
  std::vector<std::string> texts;
  for (const dmcore::LogLine& line : kernel.log().take()) texts.push_back(line.text);
  return texts;
}

Status write_fill(dmcore::BlockDevice& device, dmcore::sector_t sector, dmcore::sector_t count, char fill,
                  std::uint16_t flags) {
  const std::vector<std::byte> data(dmcore::to_bytes(count), static_cast<std::byte>(fill));
  return dmcore::write_sectors(device, sector, data, flags);
}

std::string read_fill(dmcore::BlockDevice& device, dmcore::sector_t sector, dmcore::sector_t count) {
  std::vector<std::byte> data(dmcore::to_bytes(count));
  const Status status = dmcore::read_sectors(device, sector, data);
  if (!status.ok()) return std::string(dmcore::errno_name(status.error()));
  std::string text;
  for (dmcore::sector_t i = 0; i < count; ++i) {
    const auto* begin = data.data() + dmcore::to_bytes(i);
    const bool uniform = std::equal(begin + 1, begin + dmcore::sector_size, begin);
    const auto byte = static_cast<char>(*begin);
    text += !uniform ? '?' : byte != 0 ? byte : '.';
  }
  return text;
}

}  // namespace test
