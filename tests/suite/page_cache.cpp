// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/page_cache.h"

#include <algorithm>
#include <cstring>

namespace suite {

namespace {

constexpr std::uint64_t pages_at_once = (1U << 20U) / PageCache::page_bytes;

// Calls `action(page, begin in page, length, done before)` for each page that a range of bytes touches.
template <class Action>
void each_page(std::uint64_t offset, std::size_t length, Action action) {
  for (std::size_t done = 0; done < length;) {
    const std::size_t begin = (offset + done) % PageCache::page_bytes;
    const std::size_t part = std::min(PageCache::page_bytes - begin, length - done);
    action((offset + done) / PageCache::page_bytes, begin, part, done);
    done += part;
  }
}

}  // namespace

PageCache::Page& PageCache::page(std::uint64_t number) {
  if (const auto found = pages_.find(number); found != pages_.end()) return *found->second;
  load({{number, 1}});
  return *pages_.at(number);
}

void PageCache::mark_dirty(Page& page) {
  if (page.dirty) return;
  page.dirty = true;
  ++dirty_;
}

void PageCache::read(std::uint64_t offset, std::span<std::byte> out) {
  each_page(offset, out.size(),
            [&](std::uint64_t number, std::size_t begin, std::size_t length, std::size_t done) {
              std::memcpy(out.data() + done, page(number).data.data() + begin, length);
            });
}

void PageCache::write(std::uint64_t offset, std::span<const std::byte> data) {
  each_page(offset, data.size(),
            [&](std::uint64_t number, std::size_t begin, std::size_t length, std::size_t done) {
              if (length == page_bytes && !pages_.contains(number)) pages_[number] = std::make_unique<Page>();
              Page& whole = page(number);
              std::memcpy(whole.data.data() + begin, data.data() + done, length);
              mark_dirty(whole);
            });
  if (dirty_ > most_dirty_pages) write_back();
}

void PageCache::load(const std::vector<Run>& runs) {
  IoQueue queue(rig_, path_, queue_depth);
  const auto keep = [this](sector_t sector, std::span<const std::byte> data) {
    for (std::uint64_t number = sector / page_sectors; !data.empty();
         ++number, data = data.subspan(page_bytes)) {
      auto& place = pages_[number];
      if (place) continue;  // another process has read it meanwhile, and may have changed it
      place = std::make_unique<Page>();
      std::memcpy(place->data.data(), data.data(), page_bytes);
    }
  };
  for (const Run& run : runs) {
    const std::uint64_t end = run.page + run.count;
    for (std::uint64_t at = run.page; at < end;) {
      if (pages_.contains(at)) {
        ++at;
        continue;
      }
      std::uint64_t stop = at + 1;
      while (stop < end && stop - at < pages_at_once && !pages_.contains(stop)) ++stop;
      queue.read(at * page_sectors, (stop - at) * page_sectors, keep);
      at = stop;
    }
  }
  queue.drain();
}

void PageCache::write_back() {
  IoQueue queue(rig_, path_, queue_depth);
  std::vector<std::byte> data;
  std::uint64_t first = 0;
  const auto send = [&] {
    if (!data.empty()) queue.write(first * page_sectors, std::exchange(data, {}));
  };
  // Others may dirty pages while this sleeps: such a page is written the next time.
  for (auto at = pages_.begin(); at != pages_.end();) {
    const std::uint64_t number = at->first;
    Page& page = *at->second;
    const bool goes_on =
        number == first + data.size() / page_bytes && data.size() / page_bytes < pages_at_once;
    if (!page.dirty || !goes_on) send();
    if (page.dirty) {
      if (data.empty()) first = number;
      data.insert(data.end(), page.data.begin(), page.data.end());
      page.dirty = false;
      --dirty_;
    }
    at = pages_.upper_bound(number);
  }
  send();
  queue.drain();
}

void PageCache::sync() {
  write_back();
  rig_.flush(path_);
}

void PageCache::drop() {
  std::erase_if(pages_, [](const auto& entry) { return !entry.second->dirty; });
}

void PageCache::discard(Run run) {
  for (auto at = pages_.lower_bound(run.page); at != pages_.end() && at->first < run.page + run.count;) {
    if (at->second->dirty) --dirty_;
    at = pages_.erase(at);
  }
  if (rig_.device(path_).limits.max_discard_sectors == 0) return;
  rig_.discard(path_, run.page * page_sectors, run.count * page_sectors);
}

}  // namespace suite
