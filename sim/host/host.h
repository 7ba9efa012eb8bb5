// SPDX-License-Identifier: GPL-2.0-or-later
// The user space of a machine: what a person or a program does with it, in values.
//
// A process on the machine opens a device and reads, writes, flushes or discards it, sets up mapped devices
// (dm()) or runs dmsetup, and sleeps. Beside it are the hands on the hardware, which plug disks in and change
// their bytes. Everything but run() is for process context, that is, for a function inside run(); what makes
// no I/O may be called from outside, too.
//
// A device is named as in the scenario language: by the name of a disk, else of a mapped device.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/dmsetup/dmsetup.h"
#include "sim/host/device_file.h"
#include "sim/host/dm.h"
#include "sim/host/io_witness.h"
#include "sim/host/machine_system.h"
#include "sim/host/process.h"
#include "sim/machine/machine.h"

namespace sim::host {

struct DiskSpec {
  std::string name;
  std::optional<std::uint64_t> size_bytes = {};  // missing: the file's
  // Where the bytes are kept; missing: in memory. It is made if it does not exist and the size is given.
  std::optional<std::string> file = {};
  DiskOptions options = {};
  std::vector<Fault> faults = {};
  std::optional<dmcore::DevT> number = {};  // missing: the next one
};

class Host {
 public:
  struct Options {
    std::string directory = {};       // where the files are that are named here; empty: the current one
    std::string save_directory = {};  // where save() puts them
    IoWitness* witness = nullptr;     // of what is done to devices here. Not owned
    // A program may make its next system call as soon as it has made one, for a search of schedules. Else it
    // takes far longer for that than the kernel takes for what it has been waiting to do.
    bool calls_follow = false;
  };

  // The machine must outlive this.
  explicit Host(Machine& machine) : Host(machine, Options()) {}
  Host(Machine& machine, Options options);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] Machine& machine() { return machine_; }

  // From outside: runs `body` as a process on the machine, to its end. Throws MachineStopped, and what `body`
  // throws.
  void run(const std::function<void()>& body) { machine_.run(body); }
  // A process beside the one that calls; see Process.
  Process start(const std::string& name, std::function<void()> body, const char* kind = "process") {
    return {machine_.runtime(), name, std::move(body), kind};
  }

  // --- time (of the machine)

  [[nodiscard]] dmcore::Time now() { return machine_.runtime().now(); }
  // Lets everything run that is due, without letting time pass.
  void settle() { machine_.runtime().settle(); }
  // Between two system calls of a program.
  void between_calls() {
    if (!options_.calls_follow) settle();
  }
  // Lets time pass, and then, as between two calls, everything run that is due.
  void sleep_for(dmcore::Duration duration);
  // Asks every `interval` until `condition` is true; false if it is not after `timeout`.
  bool wait_until(const std::function<bool()>& condition, dmcore::Duration timeout,
                  dmcore::Duration interval = std::chrono::milliseconds(20));

  // --- disks

  // EEXIST if there is such a disk; EBUSY if its number is taken; EINVAL if its file has another size; what
  // the host says if the file cannot be used.
  dmcore::Result<VirtualDisk*> add_disk(const DiskSpec& spec);
  // Null if there is no such disk.
  [[nodiscard]] VirtualDisk* disk(const std::string& name) const { return machine_.disk(name); }

  // ENOENT if there is no such disk.
  //
  // Changes bytes at rest; what lies behind the disk's end goes nowhere.
  dmcore::Status poke(const std::string& disk, std::uint64_t offset, std::span<const std::byte> bytes);
  // The disk has these faults from now on, and no others.
  dmcore::Status set_faults(const std::string& disk, std::span<const Fault> faults);
  // The disk's content from a file, and into one: see load_disk() and save_disk().
  dmcore::Status load(const std::string& disk, const std::string& file);
  dmcore::Status save(const std::string& disk, const std::string& file);
  // What the disk has counted since the last call for it.
  dmcore::Result<dmcore::IoCounters> take_io_counters(const std::string& disk);

  // --- devices

  // "/dev/NAME" of a disk, else "/dev/mapper/NAME".
  [[nodiscard]] std::string device_path(const std::string& name) const;
  dmcore::Result<DeviceFile> open(const std::string& device, bool write);
  // Each call below opens the device and closes it again, unless it is held: then they use that opening, as a
  // program does that keeps it open. What cannot be opened is not held.
  void hold(const std::string& device);
  void let_go();  // of all

  // Makes the bytes that are to be at a sector.
  using Fill = std::function<void(dmcore::sector_t sector, std::span<std::byte> piece)>;
  // Gets the bytes that are at a sector.
  using Take = std::function<void(dmcore::sector_t sector, std::span<const std::byte> piece)>;

  // I/O is done in pieces of at most 1 MiB, and everything that is due runs between two of them. `sector` and
  // `count` are signed as the offsets of a system call are: it is the device that refuses a negative one.
  //
  // With `dsync` (RWF_DSYNC) the data are durable afterwards. ENOSPC behind the device's end; EINVAL if
  // `data` are not whole sectors.
  dmcore::Status write(const std::string& device, std::int64_t sector, std::int64_t count, const Fill& fill,
                       bool dsync = false);
  dmcore::Status write(const std::string& device, std::int64_t sector, std::span<const std::byte> data,
                       bool dsync = false);
  // How many sectors came, in whole pieces: less than `count` if the device ends in the next one. Without
  // `count`: to the device's end.
  dmcore::Result<std::int64_t> read(const std::string& device, std::int64_t sector,
                                    std::optional<std::int64_t> count, const Take& take);
  // All of `data`; ENODATA if the device ends before.
  dmcore::Status read(const std::string& device, std::int64_t sector, std::span<std::byte> data);
  dmcore::Status discard(const std::string& device, std::int64_t sector, std::int64_t count);
  dmcore::Status flush(const std::string& device);
  // A file in the device's folder in /sys/block.
  dmcore::Result<std::string> sysfs(const std::string& device, const std::string& attribute);

  // --- the kernel

  // The file /sys/module/MODULE/parameters/NAME, and writing to it. ENOENT if there is none; EACCES if it is
  // read-only; EINVAL or ERANGE if `value` is no number that it can have.
  dmcore::Result<std::string> parameter(const std::string& module, const std::string& name);
  dmcore::Status set_parameter(const std::string& module, const std::string& name, const std::string& value);
  // Writes 2 to /proc/sys/vm/drop_caches: the kernel's caches give back what they can.
  void drop_caches() { machine_.kernel().shrinkers().drop_slab(); }

  // --- device-mapper

  [[nodiscard]] Dm dm() { return Dm(system_); }
  // The program. `arguments` is its command line without its own name.
  dmsetup::Outcome dmsetup(std::span<const std::string> arguments, std::string input = {});
  // What device-mapper logged since the last call, a line each. All else that was logged is dropped.
  std::vector<std::string> take_log();

  // A file of the host's; nothing if it cannot be read.
  std::optional<std::string> read_file(const std::string& path) { return system_.read_file(path); }

 private:
  dmcore::Result<std::unique_ptr<Store>> open_store(const DiskSpec& spec) const;
  // For one call.
  struct Opened {
    DeviceFile file;
    bool held;

    void close() {
      if (!held) file.close();
    }
  };
  dmcore::Result<Opened> open_for_call(const std::string& device, bool write);
  // Does what a program asked for, and lets the witness see it.
  template <class Perform>
  dmcore::Status witnessed(const IoWitness::Request& request, Perform perform);
  dmcore::Result<std::size_t> read_witnessed(DeviceFile& file, const std::string& device, std::int64_t sector,
                                             std::span<std::byte> piece);
  dmcore::Status host_error(const std::string& path, dmcore::Status status);

  Machine& machine_;
  Options options_;
  MachineSystem system_;
  std::map<std::string, DeviceFile> held_;
  std::map<std::string, dmcore::IoCounters> counted_;  // of each disk, at its last take_io_counters()
};

}  // namespace sim::host
