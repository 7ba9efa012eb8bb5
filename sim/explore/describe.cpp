// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/describe.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/language/pattern.h"

namespace sim::explore {

namespace {

std::string content_name(const Contents& contents, ContentId id, std::uint32_t sector) {
  if (Contents::is_token(id)) return fmt::format("sector {} of a disk", Contents::token(id).sector);
  Contents::Sector bytes;
  contents.copy(id, bytes);
  return language::sector_name(bytes, sector);
}

std::string describe_event(const Event& event, const Run& run, const Trace& trace) {
  using Kind = Event::Kind;
  const auto range = [&](std::string_view what) {
    return fmt::format("a write to sectors {}-{} of {} {}", event.first, event.first + event.count - 1,
                       run.disks[event.disk].name, what);
  };
  const auto operation = [&](std::string_view what) {
    constexpr std::array<std::string_view, 3> names = {"write", "discard", "flush"};
    const Operation& op = trace.operation(event);
    const std::string_view name = names[static_cast<std::size_t>(op.kind)];
    if (op.kind == host::IoWitness::Kind::flush) return fmt::format("a {} of {} {}", name, op.device, what);
    return fmt::format("a {} of sectors {}-{} of {} {}", name, op.first, op.first + op.count - 1, op.device,
                       what);
  };
  switch (event.kind) {
    case Kind::submitted:
      return range("was submitted");
    case Kind::executed:
      return range("was executed");
    case Kind::ended:
      return range("ended");
    case Kind::failed:
      return range("failed");
    case Kind::flushed:
      return fmt::format("a flush of {} ended", run.disks[event.disk].name);
    case Kind::replaced:
      return fmt::format("bytes of {} were replaced", run.disks[event.disk].name);
    case Kind::begun:
      return operation("began");
    case Kind::acknowledged:
      return operation("was acknowledged");
    case Kind::refused:
      return operation("failed");
    case Kind::devices:
      break;
  }
  return "the devices were set up or taken down";
}

}  // namespace

std::string content_names(const Contents& contents, const std::vector<ContentId>& ids, std::uint32_t sector) {
  std::string names;
  for (const ContentId id : ids) names += (names.empty() ? "" : " or ") + content_name(contents, id, sector);
  return names;
}

std::string summary_of(const CrashReport& report) {
  const std::string sampled =
      report.samples == 0
          ? std::string()
          : fmt::format(", with {} samples of what was left after the budget", report.samples);
  const std::string how = report.violation ? "found"
                          : report.complete
                              ? "complete, all hold"
                              : fmt::format("not complete{}{}, all that was looked at holds",
                                            report.too_many_recoveries ? " (see --recoveries)" : "", sampled);
  std::string excepted;
  const auto except = [&excepted](std::uint64_t count, std::string_view what) {
    if (count != 0) excepted += fmt::format(" ({} {}, a known bug of dm-clone, excepted)", count, what);
  };
  except(report.copies_over_discards, "copies over discards");
  except(report.early_fua_writes, "FUA writes that ended before their commit");
  if (report.runs != 0)
    return fmt::format("run with {} states after its crashes, {} branches: {}", report.runs, report.branches,
                       how);
  return fmt::format(
      "{} cuts and {}{} of other orders, {} of them different, of up to 2^{} states each; {} recoveries run, "
      "{} "
      "looked at, {} branches; depth {}{}: {}{}",
      report.cuts, report.orders_complete ? "" : "the first ", report.reordered, report.distinct,
      report.states_millibits / 1000, report.recoveries, report.looked_at, report.branches, report.depth,
      report.depth > 1 ? fmt::format(" ({} later cuts)", report.later_cuts) : std::string(), how, excepted);
}

std::string describe_cut(const Cut& cut, const Trace& trace, const Run& run, bool first) {
  const std::string event = describe_event(trace.events()[cut.event - 1], run, trace);
  if (!first) return fmt::format("while it starts the power is cut again, after {}\n", event);
  std::string text = fmt::format("in line {} the power is cut, after {}\n", run.lines[cut.event - 1], event);
  // What happened in the run before that event, and could have happened after it.
  for (const std::uint32_t missing : cut.missing)
    text += fmt::format("  but before {}\n", describe_event(trace.events()[missing], run, trace));
  return text;
}

std::string describe_block(const std::vector<BlockContent>& candidates, std::size_t chosen,
                           bool torn_inside) {
  if (torn_inside) return "torn inside a sector";
  if (chosen == 0) return "as it was written last";
  const BlockContent& newest = candidates.front();
  const BlockContent& content = candidates[chosen];
  std::string same;
  std::size_t count = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] != newest[i]) continue;
    same += fmt::format("{}{}", same.empty() ? "" : ",", i);
    ++count;
  }
  const bool torn = std::any_of(candidates.begin(), candidates.end(), [&](const BlockContent& other) {
    return other != newest && other != content && other[0] == content[0];
  });
  if (count == 0 || !torn) return "as it was before";
  return fmt::format("torn: sectors {} of {} as they were written last", same, content.size());
}

std::string describe_wrong(const Violation& violation, const Contents& contents) {
  if (violation.device.empty()) return fmt::format("{}: {}", name_of(violation.oracle), violation.what);
  return fmt::format("{}: sector {} of {} {}may be {}; it must be {}", name_of(violation.oracle),
                     violation.sector, violation.device,
                     violation.oracle == Oracle::hydrated ? "is hydrated on disk, and " : "",
                     content_names(contents, violation.found, violation.sector),
                     content_names(contents, violation.allowed, violation.sector));
}

}  // namespace sim::explore
