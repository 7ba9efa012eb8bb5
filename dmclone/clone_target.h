// SPDX-License-Identifier: GPL-2.0-or-later
// The clone target: a one-to-one copy of a read-only source device on a destination device, usable at once.
//
// Reads of regions that are not hydrated go to the source. A write to such a region first copies it, or, if
// it covers all of it, replaces the copy. Discards mark regions as hydrated. Other regions are hydrated in
// the background. A metadata device stores which regions are hydrated. Behaviour, messages and limits are
// those of Linux 6.1's drivers/md/dm-clone-target.c, which
// Documentation/admin-guide/device-mapper/dm-clone.rst describes.
//
// Files: clone_args.cpp (constructor), clone_map.cpp (mapping of bios), hydration.cpp (hydration of a
// region), background.cpp (background hydration), clone_discard.cpp, commit.cpp (metadata commits, and bios
// that wait for them), metadata_mode.cpp (errors of the metadata), lifecycle.cpp (suspend, resume, limits),
// clone_status.cpp (status and messages).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dmcore/dm/target.h"
#include "dmcore/io/kcopyd.h"
#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

#include "dmclone/dialect.h"
#include "dmclone/hydration_table.h"
#include "dmclone/log_prefix.h"
#include "dmclone/metadata.h"

namespace dmclone {

// In sectors: 4 KiB and 1 GiB.
inline constexpr unsigned min_region_size = 8;
inline constexpr unsigned max_region_size = 2097152;

// The most words that may follow the count of feature arguments, and that of core arguments.
inline constexpr unsigned max_feature_args = 2;
inline constexpr unsigned max_core_args = 4;

// Limited by the in-core bitmap and the on-disk bitset.
inline constexpr std::uint64_t max_regions = std::uint64_t{1} << 31;

// In regions. The default threshold depends on the dialect.
inline constexpr unsigned default_hydration_batch_size = 1;

// COMMIT_PERIOD: changed metadata are committed at the first run of the worker after this time.
inline constexpr std::uint64_t commit_period_jiffies = dmcore::hz;

// enum clone_metadata_mode: a clone never leaves `fail`.
enum class MetadataMode : std::uint8_t { write, read_only, fail };

enum class CloneFlag : std::uint8_t { discard_passdown, hydration_enabled, hydration_suspended };

// struct batch_info: hydrations of adjacent regions, to be copied with one job.
struct HydrationBatch {
  Hydration* head = nullptr;
  unsigned nr_regions = 0;
};

class CloneTarget final : public dmcore::Target {
 public:
  CloneTarget(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len,
              std::shared_ptr<dmcore::KcopydThrottle> throttle, const Dialect& dialect);

  dmcore::Status ctr(std::span<const std::string> argv) override;
  void dtr() override;
  dmcore::MapResult map(dmcore::Bio& bio) override;
  dmcore::EndIoResult end_io(dmcore::Bio& bio, dmcore::BlockStatus& status) override;
  void postsuspend() override;
  dmcore::Status preresume() override;
  void resume() override;
  std::string status(dmcore::StatusType type, bool noflush) override;
  dmcore::Status message(std::span<const std::string> argv, std::string& result) override;
  bool iterate_devices(const DeviceVisitor& visit) override;
  [[nodiscard]] bool has_iterate_devices() const override { return true; }
  void io_hints(dmcore::QueueLimits& limits) override;

 private:
  using Bio = dmcore::Bio;
  using BioList = dmcore::BioList;
  using Status = dmcore::Status;

  struct RegionRange {
    std::uint64_t first;
    std::uint64_t count;
  };

  // clone_args.cpp
  Status open_devices(dmcore::ArgSet& args);
  Status read_region_size(dmcore::ArgSet& args);
  Status count_regions();
  Status read_features(dmcore::ArgSet& args);
  Status read_core_args(dmcore::ArgSet& args);
  Status open_metadata();
  void put_devices();

  // clone_map.cpp
  void remap_to_source(Bio& bio) const { bio.device = source_->device; }
  void remap_to_destination(Bio& bio) const { bio.device = destination_->device; }
  [[nodiscard]] bool triggers_commit(const Bio& bio) const;
  void issue(Bio& bio);
  void defer_until_commit(BioList& list, Bio& bio);
  [[nodiscard]] std::uint64_t region_of(const Bio& bio) const { return bio.sector >> region_shift_; }
  [[nodiscard]] dmcore::sector_t region_start(std::uint64_t region) const { return region << region_shift_; }

  // hydration.cpp
  void hydrate_for(Bio& bio);
  void overwrite(Hydration& hydration, Bio& bio);
  void copy(Hydration& first, unsigned nr_regions);
  void copied(Hydration& first, bool failed);
  void complete(Hydration& hydration);
  Status update_metadata(Hydration& hydration);
  void remove_hydration(Hydration& hydration);
  void complete_overwrite(Hydration& hydration);
  void issue_deferred(BioList& bios);
  [[nodiscard]] bool is_overwrite(const Bio& bio) const;
  [[nodiscard]] Hydration& take_hydration(std::uint64_t region);
  void one_hydration_less();

  // background.cpp
  void hydrate_in_background();
  std::uint64_t start_next_hydration(std::uint64_t region, HydrationBatch& batch);
  void add_to_batch(HydrationBatch& batch, Hydration& hydration);
  void issue_batch(HydrationBatch& batch);
  [[nodiscard]] bool may_hydrate_in_background() const;

  // clone_discard.cpp
  void process_discard(Bio& bio);
  void complete_discard(Bio& bio, bool marked);
  void process_deferred_discards();
  Status mark_discarded(RegionRange regions);
  [[nodiscard]] RegionRange whole_regions(const Bio& bio) const;
  [[nodiscard]] RegionRange touched_regions(const Bio& bio) const;

  // commit.cpp
  enum class Flushed : std::uint8_t { no, yes };
  dmcore::Result<Flushed> commit_metadata();
  dmcore::Result<Flushed> commit_locked();
  Status commit_step(std::string_view operation, Status status);
  [[nodiscard]] BioList take_deferred(BioList& list);
  void process_deferred_bios();
  void process_deferred_flushes();
  [[nodiscard]] bool commit_is_due() const;
  void do_work();
  void do_waker();
  void wake_worker() { work_queue_->queue(*worker_); }

  // metadata_mode.cpp
  void set_mode(MetadataMode mode);
  void metadata_operation_failed(std::string_view operation, Status status);
  void abort_transaction();
  void reload_bitmap();
  [[nodiscard]] bool metadata_writable() const { return mode_.read() == MetadataMode::write; }

  // lifecycle.cpp
  Status read_metadata_again();
  void disable_passdown_if_unsupported();
  void set_discard_limits(dmcore::QueueLimits& limits) const;

  // clone_status.cpp
  [[nodiscard]] std::string status_info(bool noflush);
  [[nodiscard]] std::string status_table() const;
  [[nodiscard]] std::string status_flags() const;
  // For core arguments and messages: EINVAL for an invalid number.
  Status set_threshold(const std::string& number);
  Status set_batch_size(const std::string& number);

  [[nodiscard]] bool has(dmcore::Defect defect) const { return kernel().defects().on(defect); }
  [[nodiscard]] bool has(dmcore::Fix fix) const { return kernel().fixes().on(fix); }

  const Dialect& dialect_;

  dmcore::TableDevice* metadata_device_ = nullptr;
  dmcore::TableDevice* destination_ = nullptr;
  dmcore::TableDevice* source_ = nullptr;

  std::uint64_t nr_regions_ = 0;
  dmcore::sector_t region_size_ = 0;  // a power of two
  unsigned region_shift_ = 0;

  // Serialises commits, including the handling of their errors.
  dmcore::Mutex commit_lock_;
  std::unique_ptr<CloneMetadata> metadata_;
  bool was_live_ = false;  // Fix::reread_metadata
  std::uint64_t last_commit_jiffies_ = 0;

  std::unique_ptr<HydrationTable> hydrations_;
  dmcore::MemPool<Hydration> hydration_pool_;

  dmcore::Atomic<int>
      ios_in_flight_;  // bios between map() and end_io(), for which background hydration pauses
  dmcore::Atomic<unsigned> hydrations_in_flight_;  // regions, plus one while the worker looks for more
  dmcore::WaitQueue hydration_stopped_;

  // Bios for the worker, protected by lock_.
  dmcore::SpinLock lock_;
  BioList deferred_bios_;  // to be submitted: their region has been hydrated
  BioList deferred_discards_;
  BioList deferred_flushes_;            // to be submitted after a commit
  BioList deferred_flush_completions_;  // to be completed after a commit

  dmcore::Atomic<std::uint64_t> hydration_threshold_;  // in the dialect's unit
  dmcore::Atomic<unsigned> hydration_batch_size_;      // in regions
  std::uint64_t hydration_offset_ = 0;  // next region of background hydration; for the worker only

  std::vector<std::string> table_args_;  // the arguments after the devices, as given

  std::unique_ptr<dmcore::WorkQueue> work_queue_;
  std::unique_ptr<dmcore::WorkItem> worker_;
  std::unique_ptr<dmcore::DelayedWork> waker_;
  std::unique_ptr<dmcore::KcopydClient> kcopyd_;
  std::shared_ptr<dmcore::KcopydThrottle> throttle_;

  dmcore::Atomic<MetadataMode> mode_;
  dmcore::AtomicFlags<CloneFlag> flags_;
};

// All clones of a machine share one throttle, the module parameter clone_hydration_throttle, and one dialect.
dmcore::TargetType clone_target_type(dmcore::Kernel& kernel, const Dialect& dialect = linux_dialect);

}  // namespace dmclone
