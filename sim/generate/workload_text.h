// SPDX-License-Identifier: GPL-2.0-or-later
// The text of a workload on a device `c`, written command by command. Each write has a stamp of its own.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace sim::generate {

class WorkloadText {
 public:
  template <class... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    text_ += fmt::format(format, std::forward<Arguments>(arguments)...);
    text_ += '\n';
  }
  // `how`: what follows the stamp.
  void write(std::uint64_t sector, std::uint64_t count, std::string_view how = {}) {
    // Without S and G, which sources and destinations have.
    constexpr std::string_view stamps = "ABCDEFHIJKLMNOPQRTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    say("write c {} {} @{}{}", sector, count, stamps[writes_++ % stamps.size()], how);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t writes_ = 0;
};

}  // namespace sim::generate
