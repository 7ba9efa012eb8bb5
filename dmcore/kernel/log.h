// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel log: where device-mapper code says what it has to say.
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

// One line, as it stands in /dev/kmsg: "device-mapper: clone: 253:0: Switching to read-only mode".
struct LogLine {
  Time when;
  LogLevel level;
  std::string text;
};

// Any context. Lines are kept in the order in which they were logged.
class KernelLog {
 public:
  using Clock = std::function<Time()>;
  explicit KernelLog(Clock clock) : clock_(std::move(clock)) {}

  // Appends "device-mapper: PREFIX: TEXT", what the kernel's DMERR, DMWARN and DMINFO print for a file whose
  // DM_MSG_PREFIX is `prefix`.
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
  // Passes a Status or a Result on. If it is an error, the line says what it means for the caller.
  template <class Outcome, class... Args>
  [[nodiscard]] Outcome explain(Outcome outcome, std::string_view prefix, fmt::format_string<Args...> format,
                                Args&&... args) {
    if (!outcome.ok()) err(prefix, format, std::forward<Args>(args)...);
    return outcome;
  }

  // DMERR_LIMIT and its sisters: each place in the code prints at most 10 lines in 5 seconds, whichever
  // device causes them. `site` names the place ("file:function" or anything unique); true if the caller may
  // print now.
  [[nodiscard]] bool ratelimit(std::string_view site);

  // Appends a line that is not device-mapper's own ("loop0: ..."); transcripts leave it out.
  void append_raw(LogLevel level, std::string text);

  // Takes what was logged since the last call.
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
