// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/control.h"

#include <fmt/format.h>

namespace test {

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

std::vector<Line> Control::lines() {
  std::vector<Line> found;
  std::size_t offset = header().data_start;
  for (std::uint32_t i = 0; i < header().target_count; ++i) {
    dmcore::ioctl::TargetSpec spec;
    std::memcpy(&spec, buffer_.data() + offset, sizeof spec);
    const auto* text = reinterpret_cast<const char*>(buffer_.data()) + offset + sizeof spec;
    found.push_back({spec.sector_start, spec.length, spec.target_type, text});
    offset = header().data_start + spec.next;
  }
  return found;
}

std::vector<std::string> Control::targets() {
  std::vector<std::string> texts;
  for (const Line& line : lines())
    texts.push_back(fmt::format("{} {} {} {}", line.start, line.length, line.type, line.params));
  return texts;
}

}  // namespace test
