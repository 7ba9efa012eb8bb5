// SPDX-License-Identifier: GPL-2.0-or-later
// The interface of targets (include/linux/device-mapper.h).
//
// To write a target, derive from Target, override what is needed (ctr(), map() and status() at least), and
// register a TargetType. `dmcore/targets/linear.cpp` is the smallest complete example.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/dm/args.h"
#include "dmcore/dm/target_arguments.h"

namespace dmcore {

class Table;
class Target;

// struct dm_dev: a device of a table. Opened once for each mapped device and mode; targets hold references.
struct TableDevice {
  BlockDevice* device = nullptr;
  OpenMode mode;
  std::string name;  // "7:0", as table lines print it
  unsigned references = 0;
};

// DM_MAPIO_*: what map() did with the bio.
enum class MapResult : std::uint8_t {
  submitted,  // the target completes or submits it, now or later
  remapped,   // device and sector are set: the core submits it
  requeue,    // the core keeps it until the device resumes
  kill,       // the core completes it with an I/O error
};

enum class EndIoResult : std::uint8_t { done, incomplete, requeue };

enum class StatusType : std::uint8_t { info, table, ima };

// struct target_type. `version` is shown by `dmsetup targets`.
struct TargetType {
  std::string name;
  std::array<std::uint32_t, 3> version{};
  // DM_TARGET_*: bits of `features`.
  enum Feature : std::uint32_t {
    singleton = 1,
    always_writeable = 2,
    immutable = 4,
    wildcard = 8,
    passes_integrity = 16,
    passes_crypto = 256,
    nowait = 128
  };
  std::uint32_t features = 0;
  bool has_message = false;  // whether it accepts messages
  bool has_io_hints = false;
  std::function<std::unique_ptr<Target>(Table& table, sector_t begin, sector_t len)> make;
  // What ctr() accepts; for programs, not for device-mapper. Empty: not declared.
  std::function<TargetArguments()> arguments;
};

// struct dm_target: one line of a table. Created by the core, which calls ctr(), and dtr() when the table is
// destroyed.
class Target {
 public:
  // `begin` and `len` are in sectors of the mapped device.
  Target(Table& table, sector_t begin, sector_t len) : table_(table), begin_(begin), len_(len) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  // Frees memory only; everything else is done in dtr().
  virtual ~Target() = default;

  // Parses the arguments and gets the devices. On failure it sets `error`, releases what it got, and returns
  // the errno; dtr() is not called then. May sleep.
  virtual Status ctr(std::span<const std::string> argv) = 0;
  virtual void dtr() {}

  // Maps a bio, whose sector is still that of the mapped device: see target_sector(). In the submitter's
  // context; may sleep as submit_bio() may.
  virtual MapResult map(Bio& bio) = 0;
  // A bio that was mapped has completed; `status` may be changed. Any context: must not sleep. Called if
  // has_end_io.
  virtual EndIoResult end_io(Bio&, BlockStatus&) { return EndIoResult::done; }

  // Suspend and resume. presuspend(): bios still arrive. postsuspend(): no bios are in flight. preresume()
  // may fail. All may sleep.
  virtual void presuspend() {}
  virtual void postsuspend() {}
  virtual Status preresume() { return {}; }
  virtual void resume() {}

  // The line of `dmsetup status` or `dmsetup table`, without the type. `noflush`: without committing metadata
  // first.
  virtual std::string status(StatusType type, bool noflush) = 0;
  // A message; `result` is printed by dmsetup. Called if the type has_message. May sleep.
  virtual Status message(std::span<const std::string>, std::string& /*result*/) { return Errno::inval; }

  // Calls `visit` for each underlying device, with the start and length used on it, until a call returns
  // true; returns whether one did.
  using DeviceVisitor = std::function<bool(const TableDevice&, sector_t start, sector_t len)>;
  virtual bool iterate_devices(const DeviceVisitor&) { return false; }
  // False for targets without iterate_devices(), about whose devices nothing is known.
  [[nodiscard]] virtual bool has_iterate_devices() const { return false; }
  // Adjusts the combined limits of the target's devices. Called if the type has_io_hints.
  virtual void io_hints(QueueLimits&) {}

  [[nodiscard]] Table& table() const { return table_; }
  [[nodiscard]] sector_t begin() const { return begin_; }
  [[nodiscard]] sector_t len() const { return len_; }
  // dm_target_offset(): a sector of the mapped device, relative to the target's begin.
  [[nodiscard]] sector_t target_sector(sector_t sector) const { return sector - begin_; }

  const TargetType* type = nullptr;
  std::string error = "Unknown error";  // why ctr() failed

  // Set by ctr().
  std::uint32_t max_io_len = 0;  // sectors; bios are split at its multiples. 0: no limit
  unsigned num_flush_bios = 0;   // how many copies of a flush the target wants; likewise below
  unsigned num_discard_bios = 0;
  unsigned num_secure_erase_bios = 0;
  unsigned num_write_zeroes_bios = 0;
  bool has_end_io = false;
  bool flush_supported = false;     // wants flushes even if no device has a write cache
  bool discards_supported = false;  // wants discards even if a device has none
  bool accounts_remapped_io = false;

 protected:
  // dm_get_device(): gets a device, named by path or number, for this table.
  Result<TableDevice*> get_device(std::string_view path, OpenMode mode);
  void put_device(TableDevice* device);
  // dm_set_target_max_io_len(): sets max_io_len; on failure, sets `error`.
  Status set_max_io_len(sector_t sectors);
  // For ctr(): sets `error` and returns `errno_value`.
  Status fail(std::string message, Errno errno_value = Errno::inval) {
    error = std::move(message);
    return errno_value;
  }
  // dm_table_device_name(): "253:0", the name of the mapped device in log lines.
  [[nodiscard]] const std::string& device_name() const;
  [[nodiscard]] Kernel& kernel() const;
  [[nodiscard]] Runtime& runtime() const { return kernel().runtime(); }
  [[nodiscard]] KernelLog& log() const { return kernel().log(); }
  // dm_suspended(): whether the mapped device is suspended.
  [[nodiscard]] bool suspended() const;

 private:
  Table& table_;
  sector_t begin_;
  sector_t len_;
};

// ---- For map() and end_io(), with the bio that they get ----

// dm_bio_get_target_bio_nr(): the number of this copy of a duplicated bio (num_flush_bios...), from 0.
unsigned target_bio_nr(const Bio& bio);

// dm_accept_partial_bio(): takes only the first `sectors`; the core resubmits the rest. In map() only.
void accept_partial_bio(Bio& bio, sector_t sectors);

// dm_per_bio_data(): data of the target in each bio, preserved from map() to end_io(). T must be trivial.
inline constexpr std::size_t per_bio_data_bytes = 96;
void* per_bio_data(Bio& bio);
template <class T>
T& per_bio_data_as(Bio& bio) {
  static_assert(sizeof(T) <= per_bio_data_bytes);
  static_assert(alignof(T) <= alignof(std::max_align_t));
  return *static_cast<T*>(per_bio_data(bio));
}

}  // namespace dmcore
