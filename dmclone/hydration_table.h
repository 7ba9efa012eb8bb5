// SPDX-License-Identifier: GPL-2.0-or-later
// Region locking: which regions are being hydrated at this moment, and who waits for each.
//
// A region in the table is being copied (or overwritten) by exactly one hydration; writes that meet it there
// wait on it. The table is a hash of buckets with a lock each, so that regions seldom get in each other's
// way. The locks are taken in process context and in softirq context (an overwrite's completion), hence with
// interrupts off.
#pragma once

#include <cstdint>

#include "dmcore/block/bio.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/mempool.h"

namespace dmclone {

// Hydration of one region. From the target's pool; lives from its insertion into the table until it is
// complete.
struct Hydration {
  void init(std::uint64_t region);

  std::uint64_t region_nr = 0;
  dmcore::BlockStatus status = dmcore::BlockStatus::ok;

  // The write that covers the whole region and is itself the hydration, if it is one; and what its submitter
  // had put into the fields that the hydration uses meanwhile.
  dmcore::Bio* overwrite_bio = nullptr;
  dmcore::Bio::EndIo overwrite_end_io = nullptr;
  void* overwrite_owner = nullptr;

  dmcore::BioList deferred_bios;  // writes that go on when the region is hydrated; under the bucket's lock

  // The hydrations that are copied together with this one, the first of the batch, linked in the order of
  // their regions.
  Hydration* next_in_batch = nullptr;
  Hydration* last_in_batch = nullptr;

  class CloneTarget* clone = nullptr;
  dmcore::ListHook bucket_hook;
};

class HydrationTable {
 public:
  class Bucket {
   public:
    Bucket(dmcore::Runtime& runtime, const dmcore::LockName& name) : lock_(runtime, name) {}

    void lock() { lock_.lock_irq(); }
    void unlock() { lock_.unlock_irq(); }

    // The bucket is locked for all of these.
    [[nodiscard]] Hydration* find(std::uint64_t region);
    void insert(Hydration& hydration) { hydrations_.push_front(hydration); }
    void remove(Hydration& hydration) { hydrations_.erase(hydrations_.iterator_to(hydration)); }

   private:
    using List =
        dmcore::LinkedList<Hydration, &Hydration::bucket_hook, boost::intrusive::constant_time_size<false>>;
    dmcore::SpinLock lock_;
    List hydrations_;
  };

  explicit HydrationTable(dmcore::Runtime& runtime);
  ~HydrationTable();
  HydrationTable(const HydrationTable&) = delete;
  HydrationTable& operator=(const HydrationTable&) = delete;

  [[nodiscard]] Bucket& bucket_of(std::uint64_t region);

 private:
  static constexpr unsigned bucket_bits = 15;
  static constexpr std::size_t bucket_count = std::size_t{1} << bucket_bits;

  dmcore::LockName lock_name_;
  Bucket* buckets_;  // an array of bucket_count; not a vector, whose elements would have to move
};

}  // namespace dmclone
