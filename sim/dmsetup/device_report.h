// SPDX-License-Identifier: GPL-2.0-or-later
// The report of --columns: `info -c` and `splitname`, and the devices that --select chooses.
#pragma once

#include <memory>
#include <optional>

#include "sim/dmsetup/device_fields.h"
#include "sim/libdm/report.h"

namespace sim::dmsetup {

struct Call;
class Session;

class DeviceReport {
 public:
  // The report that -o, --sort, --select, --separator and so on describe, for `call`'s command. Null, with a
  // message, if they name a field that there is not.
  static std::unique_ptr<DeviceReport> create(const Call& call);

  // Adds a row. False if a field has no value.
  bool add_device(const libdm::Task& task);
  bool add_split_name(const libdm::SplitName& split);
  // Instead of adding a row, says whether --select chooses the device; nothing if a field has no value.
  [[nodiscard]] std::optional<bool> selects(const libdm::Task& task);

  [[nodiscard]] bool empty() const { return report_->empty(); }
  // To the session's standard output; see libdm::Report.
  void print_headings();
  void output();

 private:
  DeviceReport(Session& session, std::unique_ptr<libdm::Report> report)
      : session_(session), report_(std::move(report)) {}
  [[nodiscard]] std::optional<ReportedDevice> describe(const libdm::Task& task) const;

  Session& session_;
  std::unique_ptr<libdm::Report> report_;
  std::unique_ptr<libdm::DependencyTree> tree_;  // if a field needs it
};

}  // namespace sim::dmsetup
