// SPDX-License-Identifier: GPL-2.0-or-later
// What lies between a file system and its device: pages that are read once and written back later, in order
// and many at a time.
//
// Written back are all dirty pages at once: when a file system is synced, and when more are dirty than may
// be.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/suite/io_queue.h"

namespace suite {

class PageCache {
 public:
  static constexpr std::size_t page_bytes = 4096;
  static constexpr sector_t page_sectors = page_bytes / dmcore::sector_size;
  // Linux's default depth of a queue without a scheduler is 128; its writeback rarely keeps that many.
  static constexpr unsigned queue_depth = 32;
  // Like vm.dirty_background_bytes.
  static constexpr std::size_t most_dirty_pages = (16U << 20U) / page_bytes;

  // Consecutive pages of the device.
  struct Run {
    std::uint64_t page;
    std::uint64_t count;
  };

  // For processes of the rig's machine, several at a time. The device must stay open.
  PageCache(Rig& rig, std::string path) : rig_(rig), path_(std::move(path)) {}

  // Bytes of the device, at any offset.
  void read(std::uint64_t offset, std::span<std::byte> out);
  void write(std::uint64_t offset, std::span<const std::byte> data);
  // Reads what is not there yet of these pages, all at the same time: readahead.
  void load(const std::vector<Run>& runs);

  void write_back();
  // And flushes the device.
  void sync();
  // Forgets what is not dirty.
  void drop();
  // Discards pages of the device, cached or not. A device that cannot discard is left alone.
  void discard(Run run);

 private:
  struct Page {
    std::array<std::byte, page_bytes> data;
    bool dirty = false;
  };

  Page& page(std::uint64_t number);
  void mark_dirty(Page& page);

  Rig& rig_;
  std::string path_;
  std::map<std::uint64_t, std::unique_ptr<Page>> pages_;
  std::size_t dirty_ = 0;
};

}  // namespace suite
