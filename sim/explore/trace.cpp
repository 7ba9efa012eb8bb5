// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/trace.h"

#include "dmcore/kernel/types.h"

namespace sim::explore {

using dmcore::to_sectors;

namespace {

// The number of a request that changes nothing.
constexpr std::uint64_t no_event = ~std::uint64_t{0};

}  // namespace

// The observer of one disk.
class Trace::Disk final : public MediaObserver {
 public:
  Disk(Trace& trace, std::uint32_t number, VirtualDisk& disk) : trace_(trace), number_(number), disk_(disk) {}

  Moment now() override { return trace_.next_moment(); }
  void submitted(WriteId write, const Range& range) override {
    const std::uint32_t contents = trace_.note_contents(range, nullptr);
    add(Event::Kind::submitted, write, range, contents);
  }
  void executed(WriteId write, const Range& range) override {
    const std::uint32_t contents = trace_.note_contents(range, submitted_as(write, range));
    add(Event::Kind::executed, write, range, contents);
  }
  void ended(WriteId write, const Range& range, bool failed) override {
    add(failed ? Event::Kind::failed : Event::Kind::ended, write, range, 0);
    // Without a cache it is durable now.
    if (!failed && !disk_.write_cache) flushed(0, std::span(&write, 1));
  }
  void flushed(Moment submitted, std::span<const WriteId> own) override {
    Event& event = trace_.add_event(Event::Kind::flushed);
    event.disk = number_;
    event.write = submitted;
    event.own = static_cast<std::uint32_t>(trace_.own_.size());
    event.own_count = static_cast<std::uint32_t>(own.size());
    trace_.own_.insert(trace_.own_.end(), own.begin(), own.end());
  }
  // The newest content is known; older candidates do not matter once a disk rots.
  void rotted(std::uint64_t offset, std::byte) override { replaced(offset, 1); }
  void replaced(std::uint64_t offset, std::uint64_t bytes) override {
    const std::uint64_t first = offset - offset % dmcore::sector_size;
    std::vector<std::byte> sectors(dmcore::round_up(offset + bytes - first, dmcore::sector_size));
    disk_.store().read(first, sectors).ignore();
    const Range range{first, sectors.size(), sectors};
    add(Event::Kind::replaced, 0, range, trace_.note_contents(range, nullptr));
  }

 private:
  void add(Event::Kind kind, WriteId write, const Range& range, std::uint32_t contents) {
    Event& event = trace_.add_event(kind);
    event.disk = number_;
    event.write = write;
    event.first = static_cast<std::uint32_t>(to_sectors(range.offset));
    event.count = static_cast<std::uint32_t>(to_sectors(range.bytes));
    event.contents = contents;
  }
  // What is executed is mostly what was submitted not long ago. Null if that was not found.
  [[nodiscard]] const ContentId* submitted_as(WriteId write, const Range& range) const {
    constexpr std::size_t looked_at_max = 16;
    const std::vector<Event>& events = trace_.events_;
    for (std::size_t back = 1; back <= std::min(looked_at_max, events.size()); ++back) {
      const Event& event = events[events.size() - back];
      if (event.kind == Event::Kind::submitted && event.disk == number_ && event.write == write &&
          event.first == to_sectors(range.offset))
        return trace_.contents(event);
    }
    return nullptr;
  }

  Trace& trace_;
  std::uint32_t number_;
  VirtualDisk& disk_;
};

std::uint32_t Trace::note_contents(const MediaObserver::Range& range, const ContentId* guess) {
  const auto place = static_cast<std::uint32_t>(contents_.size());
  const std::uint64_t count = to_sectors(range.bytes);
  const auto guessed = static_cast<std::size_t>(guess == nullptr ? 0 : guess - contents_.data());
  contents_.resize(contents_.size() + count, Contents::zeroes);
  if (range.data.empty()) return place;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bytes = range.data.subspan(i * dmcore::sector_size, dmcore::sector_size);
    const bool same = guess != nullptr && known_.has(contents_[guessed + i], bytes);
    contents_[place + i] = same ? contents_[guessed + i] : known_.number_of(bytes);
  }
  return place;
}

Event& Trace::add_event(Event::Kind kind) {
  if (causality_ != nullptr) causality_->happened();
  Event& event = events_.emplace_back();
  event.kind = kind;
  event.moment = next_moment();
  return event;
}

void Trace::watch(VirtualDisk& disk) {
  disks_.push_back(std::make_unique<Disk>(*this, static_cast<std::uint32_t>(disks_.size()), disk));
  disk.set_media_observer(disks_.back().get());
}

void Trace::devices_changed(std::uint32_t number) {
  Event& event = add_event(Event::Kind::devices);
  event.operation = number;
}

std::uint64_t Trace::begins(const Request& request) {
  if (request.kind == Kind::read) return no_event;
  Operation& operation = operations_.emplace_back();
  operation.kind = request.kind;
  operation.device = request.device;
  operation.first = static_cast<std::uint32_t>(request.sector);
  operation.count = static_cast<std::uint32_t>(request.count);
  operation.durable = request.durable;
  if (!request.data.empty())
    operation.contents = note_contents({0, request.data.size(), request.data}, nullptr);
  const std::uint64_t id = operations_.size() - 1;
  Event& event = add_event(Event::Kind::begun);
  event.operation = static_cast<std::uint32_t>(id);
  return id;
}

void Trace::ended(std::uint64_t id, bool ok, std::span<const std::byte>) {
  if (id == no_event) return;
  Event& event = add_event(ok ? Event::Kind::acknowledged : Event::Kind::refused);
  event.operation = static_cast<std::uint32_t>(id);
}

}  // namespace sim::explore
