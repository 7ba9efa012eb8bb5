// SPDX-License-Identifier: GPL-2.0-or-later
// Records a run of a scenario, so that it can be cut: what happens to its disks, what programs ask for, and
// which devices are set up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/crash_explorer.h"
#include "sim/host/host.h"
#include "sim/language/ast.h"
#include "sim/machine/machine.h"

namespace sim::explore {

class RunRecorder {
 public:
  // `metadata`: disks whose bytes targets look at, beside the metadata of clones. Both must outlive this.
  RunRecorder(Contents& contents, const std::vector<std::string>& metadata);

  // Before the machine has disks. Its requests go to run().trace, its steps to run().causality; that is for
  // the caller to see to.
  void attach(Machine& machine);
  // A command begins that is on that line, or several at once; all before it has ended.
  void begin_command(int line);
  // It has ended, and nothing else is under way.
  void end_command(const language::Command& command);
  // The mapped devices may be others now. Process context; nothing else is under way.
  void note_devices();
  // From here on the run differs from others of the scenario: see Run::common. Later calls do nothing.
  void begin_own();
  // Nothing happens any more.
  void end() { note_line(); }

  [[nodiscard]] Run& run() { return *run_; }
  [[nodiscard]] const Run& run() const { return *run_; }
  std::unique_ptr<Run> take() { return std::move(run_); }
  // The line that began last.
  [[nodiscard]] int line() const { return line_; }

  struct Complaint {
    int line = 0;
    std::string what;
  };
  // Why it cannot be cut. Empty if it can.
  [[nodiscard]] const std::vector<Complaint>& complaints() const { return complaints_; }

 private:
  void note_disk(VirtualDisk& disk);
  void note_line();
  bool has_write_cache(std::string_view number);
  void note_clones(Device& device);
  [[nodiscard]] std::optional<std::uint32_t> disk_of(std::string_view number) const;
  void note_metadata(const Devices& devices);
  void mark_metadata(const Devices& devices, dmcore::DevT number);

  Contents& contents_;
  const std::vector<std::string>& metadata_;
  std::unique_ptr<Run> run_;
  std::vector<Complaint> complaints_;
  std::optional<host::Host> host_;
  int line_ = 0;
};

}  // namespace sim::explore
