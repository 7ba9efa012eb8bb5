// SPDX-License-Identifier: GPL-2.0-or-later
// What libdevmapper keeps in global variables for the program that links it.
#pragma once

#include <cstdint>
#include <fmt/core.h>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/libdm/mangling.h"
#include "sim/libdm/node_operations.h"
#include "sim/libdm/system.h"

namespace sim::libdm {

// How much the library logs (dm_log_init_verbose()).
enum class LogLevel : std::uint8_t { error, debug };

// Several contexts can use one system. A context is used by one task at a time: calls sleep, and what they
// collect for the nodes in /dev/mapper belongs to the program.
class Context {
 public:
  // Gets each line that is logged, without its end.
  using Log = std::function<void(LogLevel level, std::string_view line)>;

  // Logs lines up to `level`. The system must outlive the context.
  Context(System& system_in, LogLevel level, Log log)
      : system(system_in),
        node_operations(system_in, [this](std::string_view line) { debug("{}", line); }),
        level_(level),
        log_(std::move(log)) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    log_(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] bool logs_debug() const { return level_ == LogLevel::debug; }
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (!logs_debug()) return;
    log_(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
  }
  // What is logged where a function gives up because another one has. Returns false.
  bool backtrace() {
    debug("<backtrace>");
    return false;
  }

  // Logs, the first time, what the library finds when it wants to wait for udev.
  void look_for_udev() {
    if (!std::exchange(looked_for_udev_, true)) {
      debug("Udev is not running. Not using udev synchronisation code.");
    }
  }

  System& system;
  NodeOperations node_operations;
  Mangling mangling = Mangling::automatic;
  // The ioctl buffer keeps its size once it had to grow.
  unsigned buffer_doublings = 0;
  // Whether the kernel's interface is one that the library can use; nothing before the first request.
  std::optional<bool> version_ok;

 private:
  LogLevel level_;
  Log log_;
  bool looked_for_udev_ = false;
};

}  // namespace sim::libdm
