// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/ext4_channel.h"

#include <cstdlib>
#include <et/com_err.h>
#include <fmt/format.h>

namespace suite {

namespace {

// The caller of open(), which gets nothing but a name.
thread_local PageCache* being_opened = nullptr;

PageCache& cache_of(io_channel channel) {
  return *static_cast<PageCache*>(channel->private_data);
}

// libext2fs is C: errors leave as numbers.
template <class Action>
errcode_t guarded(Action action) {
  try {
    action();
    return 0;
  } catch (const test::Failure&) {
    return EIO;
  }
}

// A negative count is one of bytes.
std::size_t length_of(io_channel channel, int count) {
  return count < 0 ? static_cast<std::size_t>(-count)
                   : static_cast<std::size_t>(count) * static_cast<std::size_t>(channel->block_size);
}

std::uint64_t offset_of(io_channel channel, unsigned long long block) {
  return block * static_cast<std::uint64_t>(channel->block_size);
}

errcode_t channel_open(const char* name, int, io_channel* channel);

errcode_t channel_close(io_channel channel) {
  if (--channel->refcount > 0) return 0;
  std::free(channel->name);
  delete channel;
  return 0;
}

errcode_t channel_set_block_size(io_channel channel, int size) {
  channel->block_size = size;
  return 0;
}

errcode_t channel_read(io_channel channel, unsigned long long block, int count, void* data) {
  return guarded([&] {
    cache_of(channel).read(offset_of(channel, block),
                           {static_cast<std::byte*>(data), length_of(channel, count)});
  });
}

errcode_t channel_write(io_channel channel, unsigned long long block, int count, const void* data) {
  return guarded([&] {
    cache_of(channel).write(offset_of(channel, block),
                            {static_cast<const std::byte*>(data), length_of(channel, count)});
  });
}

errcode_t channel_read_old(io_channel channel, unsigned long block, int count, void* data) {
  return channel_read(channel, block, count, data);
}

errcode_t channel_write_old(io_channel channel, unsigned long block, int count, const void* data) {
  return channel_write(channel, block, count, data);
}

errcode_t channel_write_bytes(io_channel channel, unsigned long offset, int count, const void* data) {
  return guarded([&] {
    cache_of(channel).write(offset, {static_cast<const std::byte*>(data), static_cast<std::size_t>(count)});
  });
}

errcode_t channel_flush(io_channel channel) {
  return guarded([&] { cache_of(channel).sync(); });
}

struct_io_manager make_manager() {
  struct_io_manager manager{};
  manager.magic = EXT2_ET_MAGIC_IO_MANAGER;
  manager.name = "simulated device";
  manager.open = channel_open;
  manager.close = channel_close;
  manager.set_blksize = channel_set_block_size;
  manager.read_blk = channel_read_old;
  manager.write_blk = channel_write_old;
  manager.flush = channel_flush;
  manager.write_byte = channel_write_bytes;
  manager.read_blk64 = channel_read;
  manager.write_blk64 = channel_write;
  return manager;
}

io_manager manager() {
  static struct_io_manager only = make_manager();
  return &only;
}

errcode_t channel_open(const char* name, int, io_channel* channel) {
  auto made = std::make_unique<struct_io_channel>();
  *made = {};
  made->magic = EXT2_ET_MAGIC_IO_CHANNEL;
  made->manager = manager();
  made->name = strdup(name);
  made->block_size = 1024;  // libext2fs' own beginning
  made->refcount = 1;
  made->private_data = being_opened;
  *channel = made.release();
  return 0;
}

}  // namespace

void check_ext4(errcode_t error, const std::string& what) {
  if (error == 0) return;
  initialize_ext2_error_table();
  throw test::Failure(fmt::format("{}: {}", what, error_message(error)));
}

ext2_filsys open_ext4(PageCache& cache) {
  being_opened = &cache;
  ext2_filsys fs = nullptr;
  const errcode_t error =
      ext2fs_open2("device", nullptr, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0, manager(), &fs);
  check_ext4(error, "mount");
  constexpr time_t fixed_time = 1500000000;  // the same run writes the same bytes
  fs->now = fixed_time;
  return fs;
}

}  // namespace suite
