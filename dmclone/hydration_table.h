// SPDX-License-Identifier: GPL-2.0-or-later
// The hash table of hydrations in flight, and the bios that wait for each.
//
// A region has at most one hydration at a time; other writes to the region wait for it. Each bucket has a
// lock of its own, to reduce contention. It is taken in process context and in softirq context (completion of
// an overwrite), hence with interrupts off.
#pragma once

#include <array>
#include <cstdint>

#include "dmcore/block/bio.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/mempool.h"
#include "dmcore/kernel/order.h"

namespace dmclone {

// struct dm_clone_region_hydration: the hydration of one region, allocated from the target's pool.
struct Hydration {
  void init(std::uint64_t region);

  std::uint64_t region_nr = 0;
  dmcore::BlockStatus status = dmcore::BlockStatus::ok;

  // If a write is the hydration: its bio, and the fields of it that the hydration has replaced.
  dmcore::Bio* overwrite_bio = nullptr;
  dmcore::Bio::EndIo overwrite_end_io = nullptr;
  void* overwrite_owner = nullptr;
  bool overwrite_fua = false;  // Fix::fua_overwrite: as it was submitted

  dmcore::BioList deferred_bios;  // writes that wait for the hydration; under the bucket's lock

  // The other hydrations of a batch, in the order of their regions; `last_in_batch` is that of the first.
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

    // The bucket must be locked.
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

  [[nodiscard]] Bucket& bucket_of(std::uint64_t region) {
    const dmcore::order::Unchecked made_before("the kernel makes all buckets with the target");
    const std::size_t index = bucket_index(region);
    Bucket* group = groups_[index / group_buckets];
    if (group == nullptr) [[unlikely]]
      group = make_group(index / group_buckets);
    return group[index % group_buckets];
  }

 private:
  static constexpr unsigned bucket_bits = 15;
  static constexpr std::size_t bucket_count = std::size_t{1} << bucket_bits;
  static constexpr std::size_t group_buckets = 64;

  [[nodiscard]] static std::size_t bucket_index(std::uint64_t region);
  Bucket* make_group(std::size_t number);

  dmcore::Runtime& runtime_;
  dmcore::LockName lock_name_;
  // Arrays of group_buckets elements, which cannot be moved. Each is made when its first bucket is used: most
  // clones are small, and making 32768 buckets takes longer than all else that they do.
  std::array<Bucket*, bucket_count / group_buckets> groups_{};
};

}  // namespace dmclone
