// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel log, and the printing macros of device-mapper.
#pragma once

#include <cstdint>
#include <fmt/core.h>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

enum class LogLevel : std::uint8_t { err = 3, warning = 4, info = 6 };

// One line as in /dev/kmsg: "device-mapper: clone: 253:0: Switching to read-only mode".
struct LogLine {
  Time when;
  LogLevel level;
  std::string text;
};

// Any context. Lines are kept in order until take().
class KernelLog {
 public:
  using Clock = std::function<Time()>;
  explicit KernelLog(Clock clock) : clock_(std::move(clock)) {}

  // DMERR, DMWARN and DMINFO in a file whose DM_MSG_PREFIX is `prefix`: appends "device-mapper: PREFIX:
  // TEXT".
  template <class... Args>
  void err(std::string_view prefix, fmt::format_string<Args...> format, Args&&... args) {
    append(LogLevel::err, prefix, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warn(std::string_view prefix, fmt::format_string<Args...> format, Args&&... args) {
    append(LogLevel::warning, prefix, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(std::string_view prefix, fmt::format_string<Args...> format, Args&&... args) {
    append(LogLevel::info, prefix, fmt::format(format, std::forward<Args>(args)...));
  }

  // Logs an error, and returns it: `return log.fail(Errno::inval, ...)`.
  template <class... Args>
  [[nodiscard]] Errno fail(Errno error, std::string_view prefix, fmt::format_string<Args...> format,
                           Args&&... args) {
    err(prefix, format, std::forward<Args>(args)...);
    return error;
  }
  // Returns `outcome`, a Status or a Result; logs the line first if it is an error.
  template <class Outcome, class... Args>
  [[nodiscard]] Outcome explain(Outcome outcome, std::string_view prefix, fmt::format_string<Args...> format,
                                Args&&... args) {
    if (!outcome.ok()) err(prefix, format, std::forward<Args>(args)...);
    return outcome;
  }

  // For DMERR_LIMIT and the like: whether the place in the code named `site` (any unique text) may print now.
  // It may print 10 lines in 5 seconds, whichever devices they are about.
  [[nodiscard]] bool ratelimit(std::string_view site);

  // printk() of other subsystems ("loop0: ..."); transcripts leave these lines out.
  void append_raw(LogLevel level, std::string text);

  // Removes and returns the lines that were logged since the last call.
  [[nodiscard]] std::vector<LogLine> take();

 private:
  // lib/ratelimit.c: DEFAULT_RATELIMIT_INTERVAL and DEFAULT_RATELIMIT_BURST.
  static constexpr Duration ratelimit_interval = std::chrono::seconds(5);
  static constexpr int ratelimit_burst = 10;
  struct Limit {
    Time begin{0};
    bool started = false;
    int printed = 0;
  };

  void append(LogLevel level, std::string_view prefix, std::string text);

  Clock clock_;
  std::vector<LogLine> lines_;
  std::map<std::string, Limit, std::less<>> limits_;
};

}  // namespace dmcore
