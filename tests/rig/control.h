// SPDX-License-Identifier: GPL-2.0-or-later
// A buffer for the control interface, as dm-ioctl takes it, and how the call ended.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/host/dm.h"

namespace test {

// One line of a table.
using Line = sim::host::Target;

class Control {
 public:
  explicit Control(std::size_t size = 16384) : buffer_(size) {
    header().version[0] = dmcore::ioctl::version_major;
    header().data_size = static_cast<std::uint32_t>(size);
    header().data_start = sizeof(dmcore::ioctl::IoctlHeader);
  }
  Control& name(std::string_view text) { return copy(header().name, text); }
  Control& uuid(std::string_view text) { return copy(header().uuid, text); }
  Control& flags(std::uint32_t flags) {
    header().flags = flags;
    return *this;
  }
  Control& table(const std::vector<Line>& lines);
  // Bytes at the payload's beginning.
  Control& payload(std::string_view text, std::size_t skip = 0) {
    std::memcpy(buffer_.data() + header().data_start + skip, text.data(), text.size());
    buffer_[header().data_start + skip + text.size()] = std::byte{0};
    return *this;
  }

  dmcore::Status run(dmcore::DeviceMapper& dm, dmcore::ioctl::Command command) {
    return dm.control(static_cast<std::uint32_t>(command), buffer_);
  }

  [[nodiscard]] dmcore::ioctl::IoctlHeader& header() {
    return *reinterpret_cast<dmcore::ioctl::IoctlHeader*>(buffer_.data());
  }
  [[nodiscard]] std::vector<std::byte>& buffer() { return buffer_; }
  // The payload that came back.
  [[nodiscard]] const char* out() {
    return reinterpret_cast<const char*>(buffer_.data()) + header().data_start;
  }
  [[nodiscard]] bool has(std::uint32_t flag) { return (header().flags & flag) != 0; }
  // The lines of a status or table that came back.
  [[nodiscard]] std::vector<Line> lines();
  // The same as text: "0 8 zero text".
  [[nodiscard]] std::vector<std::string> targets();

 private:
  template <std::size_t size>
  Control& copy(char (&to)[size], std::string_view text) {
    std::copy_n(text.begin(), std::min(text.size(), size), to);
    return *this;
  }

  std::vector<std::byte> buffer_;
};

}  // namespace test
