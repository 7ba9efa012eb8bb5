// SPDX-License-Identifier: GPL-2.0-or-later
// What happened in a run that a power cut could fall into: changes of media, flushes, and requests of
// programs with their completions, in one order over all disks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/disk/virtual_disk.h"
#include "sim/explore/causality.h"
#include "sim/explore/contents.h"
#include "sim/host/io_witness.h"

namespace sim::explore {

struct Event {
  enum class Kind : std::uint8_t {
    // Of a disk: see MediaObserver.
    submitted,
    executed,
    ended,
    failed,
    flushed,
    replaced,
    // Of a program that writes, discards or flushes.
    begun,
    acknowledged,
    refused,  // it failed: what it was to write is there or not
    // Mapped devices were set up or taken down.
    devices,
  };
  Kind kind = Kind::submitted;
  std::uint32_t disk = 0;    // number of the disk
  std::uint64_t moment = 0;  // grows
  std::uint64_t write = 0;   // MediaObserver::WriteId; of a flush: the moment of its submission
  std::uint32_t first = 0;   // sectors
  std::uint32_t count = 0;
  std::uint32_t contents = 0;   // of those sectors: Trace::contents() from here on
  std::uint32_t own = 0;        // of a flush: writes with FUA, Trace::own() from here on,
  std::uint32_t own_count = 0;  // so many
  std::uint32_t operation = 0;  // Trace::operation(); of `devices`: a number of its own
};

// One thing that a program asked of a device.
struct Operation {
  host::IoWitness::Kind kind = host::IoWitness::Kind::write;
  std::string device;
  std::uint32_t first = 0;  // sectors
  std::uint32_t count = 0;
  std::uint32_t contents = 0;  // of a write
  bool durable = false;        // of a write: it is durable when it is acknowledged
};

class Trace final : public host::IoWitness {
 public:
  // The contents must outlive this.
  explicit Trace(Contents& contents) : known_(contents) {}
  ~Trace() override = default;

  // Told of each event. May be null. Not owned.
  void set_causality(Causality* causality) { causality_ = causality; }
  // Records what happens to a disk, which gets the next number.
  void watch(VirtualDisk& disk);
  // Records that the set of mapped devices is another one now, whose number that is.
  void devices_changed(std::uint32_t number);

  // host::IoWitness
  std::uint64_t begins(const Request& request) override;
  void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) override;

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] const Operation& operation(const Event& event) const { return operations_[event.operation]; }
  // The contents of the event's sectors, or of the operation's.
  template <class Of>
  [[nodiscard]] const ContentId* contents(const Of& of) const {
    return contents_.data() + of.contents;
  }
  [[nodiscard]] std::span<const MediaObserver::WriteId> own(const Event& event) const {
    return std::span(own_).subspan(event.own, event.own_count);
  }
  // The moment of the first event: smaller numbers are free for what was there before.
  static constexpr std::uint64_t first_moment = 1ULL << 48U;

 private:
  class Disk;
  friend class Disk;

  std::uint64_t next_moment() { return ++moment_; }
  Event& add_event(Event::Kind kind);
  std::uint32_t note_contents(const MediaObserver::Range& range, const ContentId* guess);

  Contents& known_;
  Causality* causality_ = nullptr;
  std::uint64_t moment_ = first_moment;
  std::vector<std::unique_ptr<MediaObserver>> disks_;
  std::vector<Event> events_;
  std::vector<Operation> operations_;
  std::vector<ContentId> contents_;
  std::vector<MediaObserver::WriteId> own_;
};

}  // namespace sim::explore
