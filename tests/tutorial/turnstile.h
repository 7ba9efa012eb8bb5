// SPDX-License-Identifier: GPL-2.0-or-later
// turnstile DEVICE START LIMIT: the target's sectors are the device's, from START on, but only LIMIT bios are
// let in at once; the others stand in line. The example of docs/write-a-target.md.
#pragma once

#include "dmcore/dm/target.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/workqueue.h"

namespace tutorial {

using dmcore::Bio;
using dmcore::EndIoResult;
using dmcore::MapResult;
using dmcore::Status;

class Turnstile : public dmcore::Target {
 public:
  Turnstile(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len);

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override;
  MapResult map(Bio& bio) override;
  EndIoResult end_io(Bio& bio, dmcore::BlockStatus& status) override;
  void presuspend() override;
  void resume() override;
  std::string status(dmcore::StatusType type, bool noflush) override;
  Status message(std::span<const std::string> argv, std::string& result) override;
  bool iterate_devices(const DeviceVisitor& visit) override { return visit(*device_, start_, len()); }
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 protected:
  virtual void let_in();
  void remap(Bio& bio) const;
  // Both with the lock held.
  [[nodiscard]] bool has_room() const { return suspending_ || inside_ < limit_; }
  void enter();

  dmcore::TableDevice* device_ = nullptr;
  dmcore::sector_t start_ = 0;

  dmcore::SpinLock lock_;    // over all that follows
  unsigned limit_ = 0;       // 0: closed
  bool suspending_ = false;  // open for all
  unsigned inside_ = 0;
  unsigned peak_ = 0;
  dmcore::BioList line_;

  dmcore::WorkQueue queue_;
  dmcore::WorkItem let_in_work_;
};

dmcore::TargetArguments turnstile_arguments();
dmcore::TargetType turnstile_target_type();

}  // namespace tutorial
