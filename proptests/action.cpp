// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/action.h"

#include <fmt/format.h>

#include "sim/libdm/table_text.h"

namespace proptests {

namespace {

std::int64_t milliseconds(dmcore::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// An overload for each action; the '&' of the background is added behind it.
struct Text {
  std::string operator()(const AddDisk& add) const {
    return fmt::format("disk {} {}s read_latency={}ms write_latency={}ms flush_latency={}ms", add.name,
                       add.sectors, milliseconds(add.timing.read_latency),
                       milliseconds(add.timing.write_latency), milliseconds(add.timing.flush_latency));
  }
  std::string operator()(const Fill& fill) const {
    return fmt::format("write {} 0 {} @{}", fill.disk, fill.sectors, fill.letter);
  }
  std::string operator()(const Write& write) const {
    return fmt::format("write c {} {} {}{}", write.first, write.count, write.letter, write.fua ? " fua" : "");
  }
  std::string operator()(const Read& read) const {
    return fmt::format("read c {} {}", read.first, read.count);
  }
  std::string operator()(const Discard& discard) const {
    return fmt::format("discard c {} {}", discard.first, discard.count);
  }
  std::string operator()(const Flush&) const { return "flush c"; }
  std::string operator()(const Wait&) const { return "wait"; }
  std::string operator()(const Sleep& sleep) const {
    return fmt::format("sleep {}.{:03}", milliseconds(sleep.duration) / 1000,
                       milliseconds(sleep.duration) % 1000);
  }
  std::string operator()(const Create& create) const { return with_table("create", create.target); }
  std::string operator()(const Remove&) const { return "dmsetup remove c"; }
  std::string operator()(const Suspend& suspend) const {
    return suspend.no_flush ? "dmsetup suspend --noflush c" : "dmsetup suspend c";
  }
  std::string operator()(const Load& load) const { return with_table("load", load.target); }
  std::string operator()(const Resume&) const { return "dmsetup resume c"; }
  std::string operator()(const Message& message) const { return "dmsetup message c 0 " + message.words; }
  std::string operator()(const CheckStatus&) const { return "dmsetup status c"; }
  std::string operator()(const WaitUntilHydrated&) const { return "until c ' ([0-9]+)/\\1 0 ' 100000"; }
  std::string operator()(const CheckSource&) const { return "iostat source"; }

 private:
  static std::string with_table(std::string_view command, const sim::host::Target& target) {
    return fmt::format("dmsetup {} c --table '{}'", command, sim::libdm::format_table({target}));
  }
};

}  // namespace

bool in_background(const Action& action) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.background; }) return one.background;
        return false;
      },
      action);
}

std::string text_of(const Action& action) {
  return std::visit(Text(), action) + (in_background(action) ? " &" : "");
}

std::string scenario_text(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) text += text_of(action) + "\n";
  return text;
}

}  // namespace proptests
