// SPDX-License-Identifier: GPL-2.0-or-later
// A mapped device: a block device whose bios go to the targets of a table (drivers/md/dm.c).
//
// Locks, outermost first: suspend lock (state, live table), the table devices' lock, the deferred bios' spin
// lock. The live table is read under the I/O barrier (LiveTable), which suspending and swapping tables wait
// for.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "dmcore/block/block_layer.h"
#include "dmcore/dm/io.h"
#include "dmcore/dm/srcu.h"
#include "dmcore/dm/table.h"
#include "dmcore/kernel/workqueue.h"

namespace dmcore {

class DeviceMapper;
struct HashCell;

// Bits of a mapped device's state.
enum class DeviceFlag : std::uint8_t {
  block_io_for_suspend,  // bios are kept back
  suspended,             // from the end of suspend() to that of resume()
  frozen,                // lock_fs() was called
  freeing,               // nobody may take a reference any more
  deleting,              // it is being removed: may not be opened
  noflush_suspending,    // suspend(noflush) runs: targets may push bios back
  deferred_remove,       // removed at its last close
  suspended_internally,
  post_suspending,
};

// hd_geometry: what partitioning tools of old are told.
struct Geometry {
  std::uint64_t cylinders = 0;
  std::uint64_t heads = 0;
  std::uint64_t sectors = 0;
  std::uint64_t start = 0;
};

class MappedDevice final : public BlockDevice {
 public:
  // Made by DeviceRegistry::create(). Not a block device that others see until its first table is loaded.
  MappedDevice(DeviceMapper& device_mapper, DevT dev);
  // Frees memory only; see destroy().
  ~MappedDevice() override;

  [[nodiscard]] DeviceMapper& device_mapper() const { return device_mapper_; }
  [[nodiscard]] Kernel& kernel() const { return layer().kernel(); }
  // "253:0", as log lines call it.
  [[nodiscard]] const std::string& device_name() const { return device_name_; }

  // ---- BlockDevice ----
  void submit(Bio& bio) override;
  // ENXIO if the device is being removed.
  Status on_open(OpenMode mode) override;
  void on_close(OpenMode mode) override;

  // ---- References: they keep the object alive, whatever becomes of the device. Any context. ----
  void get();
  void put();
  // dm_hold(): EBUSY if it is being freed.
  Status hold();
  // How often it is open as a block device.
  [[nodiscard]] unsigned times_open() const { return open_count_.read(); }

  // ---- State. Any context. ----
  [[nodiscard]] bool suspended() const { return flags_.test(DeviceFlag::suspended); }
  [[nodiscard]] bool suspended_internally() const { return flags_.test(DeviceFlag::suspended_internally); }
  [[nodiscard]] bool deleting() const { return flags_.test(DeviceFlag::deleting); }
  [[nodiscard]] bool freeing() const { return flags_.test(DeviceFlag::freeing); }
  [[nodiscard]] bool deferred_remove() const { return flags_.test(DeviceFlag::deferred_remove); }
  // Targets may answer bios with "requeue" now.
  [[nodiscard]] bool noflush_suspending() const { return flags_.test(DeviceFlag::noflush_suspending); }
  [[nodiscard]] bool post_suspending() const { return flags_.test(DeviceFlag::post_suspending); }
  // Others see it as a block device: it had a table once.
  [[nodiscard]] bool live() const { return disk_added_; }

  // ---- The live table ----
  // Keeps the live table, if there is one, from being replaced and destroyed. May be held while sleeping, but
  // not while suspending, resuming or swapping tables.
  class LiveTable {
   public:
    explicit LiveTable(MappedDevice& md) : md_(md), side_(md.io_barrier_.enter()), table_(md.map_.get()) {}
    ~LiveTable() noexcept(false) { md_.io_barrier_.leave(side_); }
    LiveTable(const LiveTable&) = delete;
    LiveTable& operator=(const LiveTable&) = delete;
    explicit operator bool() const { return table_ != nullptr; }
    Table& operator*() const { return *table_; }
    Table* operator->() const { return table_; }
    [[nodiscard]] Table* get() const { return table_; }

   private:
    MappedDevice& md_;
    unsigned side_;
    Table* table_;
  };
  // dm_sync_table(): returns when nobody can still be using a table that was taken away. May sleep.
  void sync_table() { io_barrier_.synchronize(); }
  // Destroys a table that was taken away from the device, once nobody can still be using it. May be null. May
  // sleep.
  void discard_table(std::unique_ptr<Table> table);

  // Held while a table is loaded. Protects set_up().
  [[nodiscard]] Mutex& type_lock() { return type_lock_; }
  // dm_setup_md_queue(): makes it a block device that others see, with the limits of its first table. May
  // sleep.
  Status set_up(Table& table);
  [[nodiscard]] const TargetType* immutable_target_type() const { return immutable_target_type_; }

  // dm_swap_table(): `table` becomes the live one, and the old one (which may be null) is returned for the
  // caller to destroy. EINVAL unless suspended, or if the new table's limits do not work out; then `table` is
  // left alone. May sleep.
  Result<std::unique_ptr<Table>> swap_table(std::unique_ptr<Table>& table);

  // ---- Suspend and resume; all may sleep. ----
  struct SuspendOptions {
    bool lockfs = true;    // freeze the file system above
    bool noflush = false;  // targets may push bios back instead of completing them
  };
  // Stops bios from reaching the targets and waits for those that have. EINVAL if it is suspended.
  Status suspend(SuspendOptions options);
  // Lets them go again, first those that were kept back. EINVAL if not suspended or without a table.
  Status resume();
  // Like suspend(noflush) and resume(), for kernel code: nests, and is invisible to user space but for a
  // flag.
  void internal_suspend_noflush();
  void internal_resume();

  // ---- Events ----
  [[nodiscard]] std::uint32_t event_nr() const { return event_nr_.read(); }
  // Counts an event and wakes all waiters. May sleep.
  void event();
  // Waits until the number of events differs from `event_nr`. May sleep.
  void wait_event(std::uint32_t event_nr);

  // ---- Geometry ----
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }
  Status set_geometry(const Geometry& geometry);

  // ---- Devices that tables use: opened once for each mode, and counted. May sleep. ----
  Result<TableDevice*> get_table_device(DevT dev, OpenMode mode);
  void put_table_device(TableDevice* device);

  // ---- Removal ----
  // dm_lock_for_deletion(): from success on nobody can open it. EBUSY if it is open (and then, if wanted,
  // marked to be removed at its last close); EEXIST if only devices so marked are to go and it is not.
  Status lock_for_deletion(bool mark_deferred, bool only_deferred);
  // EBUSY if the removal has begun.
  Status cancel_deferred_remove();
  // dm_destroy(): stops the device, waits until nobody has a reference, destroys its table. Afterwards it may
  // be deleted. Called by the registry, which has made it unfindable. May sleep.
  void destroy();

  // The control interface's entry for this device; null once it has been removed from the names. Belongs to
  // the registry.
  HashCell* cell = nullptr;

 private:
  // io.cpp
  void split_and_process(Table& table, Bio& submitted);
  // How much of an original was sent to a target, in sectors, or why nothing was.
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

  Atomic<unsigned> pending_io_;
  WaitQueue pending_queue_;
  SpinLock deferred_lock_;
  BioList deferred_;                  // kept back until the device resumes
  MappedIo* requeue_list_ = nullptr;  // parts of split bios that were pushed back
  WorkQueue work_queue_;
  WorkItem deferred_work_;
  WorkItem requeue_work_;
  MemPool<MappedIo> ios_;
  MemPool<TargetIo> clones_;
};

}  // namespace dmcore
