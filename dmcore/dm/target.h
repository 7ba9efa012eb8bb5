// SPDX-License-Identifier: GPL-2.0-or-later
// What a target is: the interface that every line of a table is built on.
//
// To write a target, derive from Target, override what it needs (map() and status() at least), and register a
// TargetType. `dmcore/targets/linear.cpp` is the smallest complete example.
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

// A device that a table uses. Opened once for each mapped device and mode, counted by the targets that asked
// for it.
struct TableDevice {
  BlockDevice* device = nullptr;
  OpenMode mode;
  std::string name;  // "7:0", as table lines print it
  unsigned references = 0;
};

// What map() did with the bio.
enum class MapResult : std::uint8_t {
  submitted,  // the target took it over and ends or submits it itself
  remapped,   // it now has the right device and sector: the core submits it
  requeue,    // the core keeps it until the device resumes
  kill,       // the core ends it with an I/O error
};

enum class EndIoResult : std::uint8_t { done, incomplete, requeue };

enum class StatusType : std::uint8_t { info, table, ima };

// A type of target. `version` is what `dmsetup targets` prints.
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
  bool has_message = false;  // whether messages are passed on at all
  bool has_io_hints = false;
  std::function<std::unique_ptr<Target>(Table& table, sector_t begin, sector_t len)> make;
  // What ctr() accepts; for programs, not for device-mapper. Empty: not declared.
  std::function<TargetArguments()> arguments;
};

// One line of a table. The core makes it, calls ctr(), and owns it until the table dies, when it calls dtr().
class Target {
 public:
  // `begin` and `len` in sectors, begin on the mapped device.
  Target(Table& table, sector_t begin, sector_t len) : table_(table), begin_(begin), len_(len) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  // Frees memory only. What must wait or give back is dtr()'s.
  virtual ~Target() = default;

  // Reads the arguments and takes the devices. On failure sets `error`, gives back what it took, and returns
  // the errno; dtr() is then not called. May sleep.
  virtual Status ctr(std::span<const std::string> argv) = 0;
  virtual void dtr() {}

  // A bio for this target, its sector still the mapped device's: see target_sector(). In the submitter's
  // context; may sleep as far as submit_bio() may.
  virtual MapResult map(Bio& bio) = 0;
  // A bio that map() saw has ended; `status` may be changed. Any context, must not sleep. Only called if
  // has_end_io.
  virtual EndIoResult end_io(Bio&, BlockStatus&) { return EndIoResult::done; }

  // Around suspend and resume. presuspend: I/O still arrives. postsuspend: no more I/O is in flight.
  // preresume may refuse. All may sleep.
  virtual void presuspend() {}
  virtual void presuspend_undo() {}
  virtual void postsuspend() {}
  virtual Status preresume() { return {}; }
  virtual void resume() {}

  // The line that `dmsetup status` or `dmsetup table` shows after the type's name. `noflush`: do not commit
  // anything first.
  virtual std::string status(StatusType type, bool noflush) = 0;
  // dmsetup message. What is added to `result` is printed. Only called if the type has_message. May sleep.
  virtual Status message(std::span<const std::string>, std::string& /*result*/) { return Errno::inval; }

  // Calls `visit` for each underlying device with the start and length used there, until one call returns
  // true; returns whether one did. For limits, and for what all devices must be able to do.
  using DeviceVisitor = std::function<bool(const TableDevice&, sector_t start, sector_t len)>;
  virtual bool iterate_devices(const DeviceVisitor&) { return false; }
  // False for targets without devices under them, where the core must not conclude anything from there being
  // none.
  [[nodiscard]] virtual bool has_iterate_devices() const { return false; }
  // Last word on the limits that the target's devices gave. Only called if the type has_io_hints.
  virtual void io_hints(QueueLimits&) {}

  [[nodiscard]] Table& table() const { return table_; }
  [[nodiscard]] sector_t begin() const { return begin_; }
  [[nodiscard]] sector_t len() const { return len_; }
  // dm_target_offset(): a sector of the mapped device, counted from the target's begin.
  [[nodiscard]] sector_t target_sector(sector_t sector) const { return sector - begin_; }

  const TargetType* type = nullptr;
  std::string error = "Unknown error";  // why ctr() failed

  // Set by ctr().
  std::uint32_t max_io_len = 0;  // sectors; bios are split at multiples of it. 0: only at the target's ends
  unsigned num_flush_bios = 0;   // copies of a flush that the target wants, as of the others
  unsigned num_discard_bios = 0;
  unsigned num_secure_erase_bios = 0;
  unsigned num_write_zeroes_bios = 0;
  bool has_end_io = false;
  bool flush_supported = false;     // flushes make sense whatever the devices below can do
  bool discards_supported = false;  // likewise discards
  bool accounts_remapped_io = false;

 protected:
  // dm_get_device(): opens a device named by path or number for this table. A read-only table asks for
  // reading only.
  Result<TableDevice*> get_device(std::string_view path, OpenMode mode);
  void put_device(TableDevice* device);
  // dm_set_target_max_io_len(): sets max_io_len, or fails with `error` set.
  Status set_max_io_len(sector_t sectors);
  // Fails ctr(): sets `error` and returns `errno_value`.
  Status fail(std::string message, Errno errno_value = Errno::inval) {
    error = std::move(message);
    return errno_value;
  }
  // How a device calls itself in this machine's logs: "253:0" (dm_table_device_name).
  [[nodiscard]] const std::string& device_name() const;
  [[nodiscard]] Kernel& kernel() const;
  [[nodiscard]] Runtime& runtime() const { return kernel().runtime(); }
  [[nodiscard]] KernelLog& log() const { return kernel().log(); }
  // dm_suspended(): whether the mapped device is suspended, or being suspended.
  [[nodiscard]] bool suspended() const;

 private:
  Table& table_;
  sector_t begin_;
  sector_t len_;
};

// ---- What a target's map() and end_io() may do with the bio they were given. ----

// Which of the copies of a duplicated bio (num_flush_bios...) this is, from 0: dm_bio_get_target_bio_nr().
unsigned target_bio_nr(const Bio& bio);

// dm_accept_partial_bio(): only the first `sectors` now; the core sends the rest again. From map() only.
void accept_partial_bio(Bio& bio, sector_t sectors);

// Room of the target's own in each bio, as it was left by map() when end_io() comes. T is trivial and small.
inline constexpr std::size_t per_bio_data_bytes = 96;
void* per_bio_data(Bio& bio);
template <class T>
T& per_bio_data_as(Bio& bio) {
  static_assert(sizeof(T) <= per_bio_data_bytes);
  static_assert(alignof(T) <= alignof(std::max_align_t));
  return *static_cast<T*>(per_bio_data(bio));
}

}  // namespace dmcore
