// SPDX-License-Identifier: GPL-2.0-or-later
// A mapped device: a block device whose bios are mapped by the targets of a table (drivers/md/dm.c).
//
// Locks, outermost first: suspend lock (state and live table), table devices lock, deferred lock (a spin
// lock). Readers of the live table are in an SRCU section (LiveTable), for which suspending and swapping
// tables wait.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "dmcore/block/block_layer.h"
#include "dmcore/dm/io.h"
#include "dmcore/dm/srcu.h"
#include "dmcore/dm/table.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/workqueue.h"

namespace dmcore {

class DeviceMapper;
struct HashCell;

// DMF_*: the state of a mapped device.
enum class DeviceFlag : std::uint8_t {
  block_io_for_suspend,  // bios are deferred
  suspended,             // from the end of suspend() to the end of resume()
  frozen,                // lock_fs() was called
  freeing,               // no more references may be taken
  deleting,              // being removed: cannot be opened
  noflush_suspending,    // suspend(noflush) is running: targets may requeue bios
  deferred_remove,       // removed at its last close
  suspended_internally,
  post_suspending,
};

// struct hd_geometry, for old partitioning tools.
struct Geometry {
  std::uint64_t cylinders = 0;
  std::uint64_t heads = 0;
  std::uint64_t sectors = 0;
  std::uint64_t start = 0;
};

class MappedDevice final : public BlockDevice {
 public:
  // Called by DeviceRegistry::create(). Registered as a block device when its first table is loaded.
  MappedDevice(DeviceMapper& device_mapper, DevT dev);
  // Frees memory only: see destroy().
  ~MappedDevice() override;

  [[nodiscard]] DeviceMapper& device_mapper() const { return device_mapper_; }
  [[nodiscard]] Kernel& kernel() const { return layer().kernel(); }
  [[nodiscard]] bool has(Defect defect) const { return kernel().defects().on(defect); }
  // "253:0", the name in log lines.
  [[nodiscard]] const std::string& device_name() const { return device_name_; }

  // ---- BlockDevice ----
  void submit(Bio& bio) override;
  // ENXIO if the device is being removed.
  Status on_open(OpenMode mode) override;
  void on_close(OpenMode mode) override;

  // ---- References, which keep the object alive. Any context. ----
  void get();
  void put();
  // dm_hold(): EBUSY if it is being freed.
  Status hold();
  // The number of opens as a block device.
  [[nodiscard]] unsigned times_open() const { return open_count_.read(); }

  // ---- State. Any context. ----
  [[nodiscard]] bool suspended() const { return flags_.test(DeviceFlag::suspended); }
  [[nodiscard]] bool suspended_internally() const { return flags_.test(DeviceFlag::suspended_internally); }
  [[nodiscard]] bool deleting() const { return flags_.test(DeviceFlag::deleting); }
  [[nodiscard]] bool freeing() const { return flags_.test(DeviceFlag::freeing); }
  [[nodiscard]] bool deferred_remove() const { return flags_.test(DeviceFlag::deferred_remove); }
  // Targets may requeue bios now.
  [[nodiscard]] bool noflush_suspending() const { return flags_.test(DeviceFlag::noflush_suspending); }
  [[nodiscard]] bool post_suspending() const { return flags_.test(DeviceFlag::post_suspending); }
  // Registered as a block device.
  [[nodiscard]] bool live() const { return disk_added_; }

  // ---- The live table ---- dm_get_live_table(): while it exists, the live table, if any, is not replaced or
  // destroyed. The holder may sleep, but must not suspend, resume or swap tables.
  class LiveTable {
   public:
    explicit LiveTable(MappedDevice& md)
        : md_(md), side_(md.io_barrier_.enter()), table_(md.dereference_map()) {
      if (table_ != nullptr) table_->begin_use();
    }
    // Tasks that are unwound when a machine stops may come after the table's end.
    ~LiveTable() noexcept(false) {
      if (table_ != nullptr && !md_.kernel().runtime().dying()) table_->end_use();
      if (!let_go_) md_.io_barrier_.leave(side_);
    }
    LiveTable(const LiveTable&) = delete;
    LiveTable& operator=(const LiveTable&) = delete;
    explicit operator bool() const { return table_ != nullptr; }
    Table& operator*() const { return *table_; }
    Table* operator->() const { return table_; }
    [[nodiscard]] Table* get() const { return table_; }
    // Defect::table_let_go_early: it is not protected any more.
    void let_go() {
      let_go_ = true;
      md_.io_barrier_.leave(side_);
    }

   private:
    MappedDevice& md_;
    unsigned side_;
    Table* table_;
    bool let_go_ = false;
  };
  // dm_sync_table(): waits until a table that was removed is no longer in use. May sleep.
  void sync_table() { io_barrier_.synchronize(); }
  // Destroys a table that was removed from the device, once it is no longer in use. May be null. May sleep.
  void discard_table(std::unique_ptr<Table> table);

  // Held while a table is loaded; protects set_up().
  [[nodiscard]] Mutex& type_lock() { return type_lock_; }
  // dm_setup_md_queue(): registers the block device, with the limits of its first table. May sleep.
  Status set_up(Table& table);
  [[nodiscard]] const TargetType* immutable_target_type() const { return immutable_target_type_; }

  // dm_swap_table(): makes `table` the live one, and returns the old one, which the caller destroys; it may
  // be null. EINVAL if the device is not suspended or the limits of the table are invalid; `table` is
  // unchanged then. May sleep.
  Result<std::unique_ptr<Table>> swap_table(std::unique_ptr<Table>& table);

  // ---- Suspend and resume; all may sleep. ----
  struct SuspendOptions {
    bool lockfs = true;    // freeze the file system on the device
    bool noflush = false;  // targets may requeue bios
  };
  // dm_suspend(): defers bios, and waits for those in flight. EINVAL if it is suspended.
  Status suspend(SuspendOptions options);
  // dm_resume(): submits the deferred bios. EINVAL if it is not suspended or has no table.
  Status resume();
  // dm_internal_suspend_noflush(), dm_internal_resume(): for kernel code. They nest, and user space only sees
  // a flag.
  void internal_suspend_noflush();
  void internal_resume();

  // ---- Events ----
  [[nodiscard]] std::uint32_t event_nr() const { return event_nr_.read(); }
  // event_callback(): counts an event and wakes all waiters. May sleep.
  void event();
  // dm_wait_event(): waits until the number of events differs from `event_nr`. Sleeps.
  void wait_event(std::uint32_t event_nr);

  // ---- Geometry ----
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }
  Status set_geometry(const Geometry& geometry);

  // ---- Devices of tables: opened once for each mode, and counted. May sleep. ----
  Result<TableDevice*> get_table_device(DevT dev, OpenMode mode);
  void put_table_device(TableDevice* device);

  // ---- Removal ---- dm_lock_for_deletion(): on success it cannot be opened any more. EBUSY if it is open;
  // with mark_deferred it is then marked for removal at its last close. With only_deferred: EEXIST if it is
  // not so marked.
  Status lock_for_deletion(bool mark_deferred, bool only_deferred);
  // dm_cancel_deferred_remove(): EBUSY if the removal has started.
  Status cancel_deferred_remove();
  // dm_destroy(): suspends the device, waits for all references to be put, and destroys its table. The object
  // may be deleted then. Called by the registry, once the device cannot be found any more. May sleep.
  void destroy();

  // The entry in the registry's names; null once it is removed from them. Maintained by the registry.
  HashCell* cell = nullptr;

 private:
  // io.cpp
  void split_and_process(Table& table, Bio& submitted);
  // How much of an original was mapped, in sectors, or why nothing was.
  struct Piece {
    BlockStatus error = BlockStatus::ok;
    sector_t mapped = 0;
  };
  Piece send_piece(Table& table, MappedIo& io);
  void send_flush(Table& table, MappedIo& io);
  void send_copies(MappedIo& io, Target& target, const Bio& pattern, unsigned copies, sector_t* accepted);
  MappedIo& alloc_io(Bio& bio);
  TargetIo& alloc_clone(MappedIo& io, Target& target, const Bio& pattern, unsigned nr, sector_t* accepted);
  void free_clone(TargetIo& clone);
  void map_clone(TargetIo& clone);
  void account(MappedIo& io);
  void clone_ended(TargetIo& clone);
  void io_dec_pending(MappedIo& io, BlockStatus error);
  void io_complete(MappedIo& io, bool first_stage);
  void one_bio_less();
  bool handle_requeue(MappedIo& io, bool first_stage);
  void requeue_split_parts();
  void rewind(MappedIo& io);
  void queue_io(Bio& bio);
  void submit_deferred();

  // suspend.cpp
  void quiesce(Table* map, SuspendOptions options, DeviceFlag which);
  Status resume_locked(Table* map);
  template <class Done>
  void lock_for_user(Done done);
  void release_deferred();
  void wait_for_bios();
  void lock_fs();
  void unlock_fs();
  std::unique_ptr<Table> bind(std::unique_ptr<Table> table, const QueueLimits& new_limits);
  std::unique_ptr<Table> unbind();

  // srcu_dereference(): what the table was when it became the live one is seen.
  [[nodiscard]] Table* dereference_map() const {
    layer().runtime().fine_step(Point::atomic, reads(&map_), "map");
    order::acquire(&map_);
    const order::Unchecked marked("srcu_dereference()");
    return map_.get();
  }
  // rcu_assign_pointer(). Returns the old one.
  std::unique_ptr<Table> assign_map(std::unique_ptr<Table> table) {
    layer().runtime().fine_step(Point::atomic, writes(&map_), "map");
    order::release(&map_);
    const order::Unchecked marked("rcu_assign_pointer()");
    return std::exchange(map_, std::move(table));
  }

  DeviceMapper& device_mapper_;
  std::string device_name_;
  AtomicFlags<DeviceFlag> flags_;
  Atomic<unsigned> holders_;
  Atomic<unsigned> open_count_;
  bool disk_added_ = false;
  Geometry geometry_;

  Mutex type_lock_;
  Mutex suspend_lock_;
  Srcu io_barrier_;
  std::unique_ptr<Table> map_;  // the live table
  const TargetType* immutable_target_type_ = nullptr;
  unsigned internal_suspends_ = 0;
  WaitQueue internal_resume_queue_;

  Mutex table_devices_lock_;
  std::list<TableDevice> table_devices_;

  Atomic<std::uint32_t> event_nr_;
  WaitQueue event_queue_;

  PerCpuCounter pending_io_;
  WaitQueue pending_queue_;
  SpinLock deferred_lock_;
  BioList deferred_;                  // until the device resumes
  MappedIo* requeue_list_ = nullptr;  // pieces of split bios to be requeued
  WorkQueue work_queue_;
  WorkItem deferred_work_;
  WorkItem requeue_work_;
  MemPool<MappedIo> ios_;
  MemPool<TargetIo> clones_;
};

}  // namespace dmcore
