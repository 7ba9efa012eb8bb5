// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/action.h"

#include <fmt/format.h>

#include "sim/libdm/table_text.h"

#include "proptests/fault_text.h"

namespace proptests {

namespace {

std::int64_t milliseconds(dmcore::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// What differs from the default.
std::string options_text(const sim::DiskOptions& options) {
  const sim::DiskOptions usual;
  std::string text;
  if (options.logical_block_size != usual.logical_block_size)
    text += fmt::format(" logical_block_size={}", options.logical_block_size);
  if (!options.discard) text += " discard=off";
  if (!options.volatile_cache) text += " cache=writethrough";
  const auto latency = [&text](std::string_view of, dmcore::Duration duration) {
    if (duration != dmcore::Duration(0)) text += fmt::format(" {}_latency={}ms", of, milliseconds(duration));
  };
  latency("read", options.timing.read_latency);
  latency("write", options.timing.write_latency);
  latency("flush", options.timing.flush_latency);
  return text;
}

// An overload for each action; the '&' of the background is added behind it.
struct Text {
  std::string operator()(const AddDisk& add) const {
    return fmt::format("disk {} {}s{}", add.name, add.sectors, options_text(add.options));
  }
  std::string operator()(const SetFaults& set) const {
    std::string text = "fault " + set.disk;
    for (const sim::Fault& fault : set.faults) text += " " + text_of(fault);
    return set.faults.empty() ? text + " none" : text;
  }
  std::string operator()(const Fill& fill) const {
    return fmt::format("write {} 0 {} @{}", fill.disk, fill.sectors, fill.letter);
  }
  std::string operator()(const Write& write) const {
    return fmt::format("write {} {} {} {}{}{}", write.device, write.first, write.count,
                       write.stamps ? "@" : "", write.letter, write.fua ? " fua" : "");
  }
  std::string operator()(const Read& read) const {
    return fmt::format("read {} {} {}", read.device, read.first, read.count);
  }
  std::string operator()(const Discard& discard) const {
    return fmt::format("discard {} {} {}", discard.device, discard.first, discard.count);
  }
  std::string operator()(const Flush& flush) const { return "flush " + flush.device; }
  std::string operator()(const Wait&) const { return "wait"; }
  std::string operator()(const Sleep& sleep) const {
    return fmt::format("sleep {}.{:03}", milliseconds(sleep.duration) / 1000,
                       milliseconds(sleep.duration) % 1000);
  }
  std::string operator()(const Create& create) const {
    return with_table("create", create.device, create.target);
  }
  std::string operator()(const Remove& remove) const { return "dmsetup remove " + remove.device; }
  std::string operator()(const Suspend& suspend) const {
    return suspend.no_flush ? "dmsetup suspend --noflush c" : "dmsetup suspend c";
  }
  std::string operator()(const Load& load) const { return with_table("load", clone_name, load.target); }
  std::string operator()(const Resume&) const { return "dmsetup resume c"; }
  std::string operator()(const Message& message) const { return "dmsetup message c 0 " + message.words; }
  std::string operator()(const CheckStatus&) const { return "dmsetup status c"; }
  std::string operator()(const WaitUntilHydrated& until) const {
    return fmt::format("until c ' ([0-9]+)/\\1 0 ' {}", until.timeout.count());
  }
  std::string operator()(const CheckSource&) const { return "iostat source"; }

 private:
  static std::string with_table(std::string_view command, const std::string& device,
                                const sim::host::Target& target) {
    return fmt::format("dmsetup {} {} --table '{}'", command, device, sim::libdm::format_table({target}));
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
