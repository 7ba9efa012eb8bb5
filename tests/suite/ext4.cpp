// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/ext4.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "dmcore/kernel/lock.h"

#include "tests/suite/cached_file_system.h"
#include "tests/suite/ext4_channel.h"
#include "tests/suite/image.h"
#include "tests/support/host_command.h"

namespace suite {

namespace {

class MountedExt4 final : public CachedFileSystem {
 public:
  MountedExt4(Rig& rig, const std::string& path)
      : CachedFileSystem(rig, path), lock_(rig.runtime(), "ext4"), fs_(open_ext4(cache())) {
    check_ext4(ext2fs_read_bitmaps(fs_), "mount");
  }
  ~MountedExt4() override {
    for (const auto& [inode, file] : open_) ext2fs_file_close(file);
    ext2fs_free(fs_);
  }

  void create(const std::string& path) override;
  void remove(const std::string& path) override;
  void write(const std::string& path, std::uint64_t offset, std::span<const std::byte> data) override;
  std::uint64_t size_of(const std::string& path) override;
  void sync() override;
  void trim() override;

 private:
  ext2_ino_t lookup(const std::string& path);
  ext2_ino_t folder(const std::string& path);
  void link(ext2_ino_t directory, const std::string& name, ext2_ino_t inode);
  ext2_file_t open(ext2_ino_t inode);
  Runs map(const std::string& path, std::uint64_t first_block, std::uint64_t blocks) override;

  dmcore::Mutex lock_;  // libext2fs is for one at a time
  ext2_filsys fs_;
  std::map<std::string, ext2_ino_t> names_;  // those that were looked up
  std::map<ext2_ino_t, ext2_file_t> open_;
};

// What is before and behind the last slash.
std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

ext2_ino_t MountedExt4::lookup(const std::string& path) {
  if (const auto known = names_.find(path); known != names_.end()) return known->second;
  ext2_ino_t inode = 0;
  check_ext4(ext2fs_namei(fs_, EXT2_ROOT_INO, EXT2_ROOT_INO, path.c_str(), &inode), path);
  names_[path] = inode;
  return inode;
}

void MountedExt4::link(ext2_ino_t directory, const std::string& name, ext2_ino_t inode) {
  errcode_t error = ext2fs_link(fs_, directory, name.c_str(), inode, EXT2_FT_REG_FILE);
  if (error == EXT2_ET_DIR_NO_SPACE) {
    check_ext4(ext2fs_expand_dir(fs_, directory), name);
    error = ext2fs_link(fs_, directory, name.c_str(), inode, EXT2_FT_REG_FILE);
  }
  check_ext4(error, name);
}

// The folder of that path; it is made if it is not there.
ext2_ino_t MountedExt4::folder(const std::string& path) {
  if (path.empty()) return EXT2_ROOT_INO;
  if (const auto known = names_.find(path); known != names_.end()) return known->second;
  const auto [parent_path, name] = split_path(path);
  const ext2_ino_t parent = folder(parent_path);
  ext2_ino_t inode = 0;
  if (ext2fs_lookup(fs_, parent, name.data(), static_cast<int>(name.size()), nullptr, &inode) != 0) {
    errcode_t error = ext2fs_mkdir(fs_, parent, 0, name.c_str());
    if (error == EXT2_ET_DIR_NO_SPACE) {
      check_ext4(ext2fs_expand_dir(fs_, parent), path);
      error = ext2fs_mkdir(fs_, parent, 0, name.c_str());
    }
    check_ext4(error, path);
    return lookup(path);
  }
  return names_[path] = inode;
}

void MountedExt4::create(const std::string& path) {
  const dmcore::MutexGuard guard(lock_);
  const auto [folder_path, name] = split_path(path);
  const ext2_ino_t directory = folder(folder_path);
  ext2_ino_t number = 0;
  check_ext4(ext2fs_new_inode(fs_, directory, LINUX_S_IFREG | 0644, nullptr, &number), path);
  link(directory, name, number);
  ext2fs_inode_alloc_stats2(fs_, number, 1, 0);

  ext2_inode inode{};
  inode.i_mode = LINUX_S_IFREG | 0644;
  inode.i_links_count = 1;
  inode.i_atime = inode.i_ctime = inode.i_mtime = static_cast<__u32>(fs_->now);
  inode.i_flags = EXT4_EXTENTS_FL;
  ext2_extent_handle_t extents = nullptr;  // opening them writes their header into the inode
  check_ext4(ext2fs_extent_open2(fs_, number, &inode, &extents), path);
  ext2fs_extent_free(extents);
  check_ext4(ext2fs_write_new_inode(fs_, number, &inode), path);
  names_[path] = number;
}

void MountedExt4::remove(const std::string& path) {
  const dmcore::MutexGuard guard(lock_);
  const auto [folder_path, name] = split_path(path);
  const ext2_ino_t number = lookup(path);
  if (const auto file = open_.find(number); file != open_.end()) {
    check_ext4(ext2fs_file_close(file->second), path);
    open_.erase(file);
  }
  check_ext4(ext2fs_unlink(fs_, folder(folder_path), name.c_str(), number, 0), path);
  ext2_inode inode{};
  check_ext4(ext2fs_read_inode(fs_, number, &inode), path);
  inode.i_links_count = 0;
  inode.i_dtime = static_cast<__u32>(fs_->now);
  if (inode.i_blocks != 0) check_ext4(ext2fs_punch(fs_, number, &inode, nullptr, 0, ~0ULL), path);
  check_ext4(ext2fs_write_inode(fs_, number, &inode), path);
  ext2fs_inode_alloc_stats2(fs_, number, -1, 0);
  names_.erase(path);
  forget_reader(path);
}

ext2_file_t MountedExt4::open(ext2_ino_t inode) {
  ext2_file_t& file = open_[inode];
  if (file == nullptr) check_ext4(ext2fs_file_open(fs_, inode, EXT2_FILE_WRITE, &file), "open");
  return file;
}

void MountedExt4::write(const std::string& path, std::uint64_t offset, std::span<const std::byte> data) {
  const dmcore::MutexGuard guard(lock_);
  ext2_file* const file = open(lookup(path));
  check_ext4(ext2fs_file_llseek(file, offset, EXT2_SEEK_SET, nullptr), path);
  while (!data.empty()) {
    unsigned done = 0;
    check_ext4(ext2fs_file_write(file, data.data(), static_cast<unsigned>(data.size()), &done), path);
    data = data.subspan(done);
  }
  check_ext4(ext2fs_file_flush(file), path);
}

std::uint64_t MountedExt4::size_of(const std::string& path) {
  const dmcore::MutexGuard guard(lock_);
  ext2_inode inode{};
  check_ext4(ext2fs_read_inode(fs_, lookup(path), &inode), path);
  return EXT2_I_SIZE(&inode);
}

CachedFileSystem::Runs MountedExt4::map(const std::string& path, std::uint64_t first_block,
                                        std::uint64_t blocks) {
  const dmcore::MutexGuard guard(lock_);
  const ext2_ino_t inode = lookup(path);
  Runs runs;
  for (std::uint64_t block = first_block; block < first_block + blocks; ++block) {
    blk64_t place = 0;
    check_ext4(ext2fs_bmap2(fs_, inode, nullptr, nullptr, 0, block, nullptr, &place), path);
    if (place == 0) throw test::Failure("a hole in " + path);
    if (!runs.empty() && runs.back().page + runs.back().count == place) {
      ++runs.back().count;
    } else {
      runs.push_back({place, 1});
    }
  }
  return runs;
}

void MountedExt4::sync() {
  const dmcore::MutexGuard guard(lock_);
  check_ext4(ext2fs_flush2(fs_, EXT2_FLAG_FLUSH_NO_SYNC), "sync");
  cache().sync();
}

void MountedExt4::trim() {
  sync();
  const dmcore::MutexGuard guard(lock_);
  const blk64_t last = ext2fs_blocks_count(fs_->super) - 1;
  for (blk64_t at = fs_->super->s_first_data_block; at <= last;) {
    blk64_t begin = 0;
    if (ext2fs_find_first_zero_block_bitmap2(fs_->block_map, at, last, &begin) != 0) return;
    blk64_t end = 0;
    if (ext2fs_find_first_set_block_bitmap2(fs_->block_map, begin, last, &end) != 0) end = last + 1;
    cache().discard({begin, end - begin});
    at = end;
  }
}

// mke2fs' work on an empty image of that size. Always the same, so it is done once.
const Image& fresh_image(sector_t size) {
  static std::map<sector_t, Image> made;
  const auto known = made.find(size);
  if (known != made.end()) return known->second;
  const test::ScratchFolder scratch;
  const std::string file = scratch.path_of("ext4.img");
  // Debian's mke2fs.conf, whatever this host's says.
  static constexpr const char* features =
      "has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize";
  static constexpr const char* identity = "7b6a0a6c-3c15-4f2b-9d49-0d5f5cf0a5a1";
  test::run_host_command({"mke2fs", "-q", "-F", "-t", "ext4", "-O", features, "-I", "256", "-b",
                          fmt::format("{}", CachedFileSystem::block_bytes), "-U", identity, "-E",
                          fmt::format("lazy_itable_init=1,nodiscard,hash_seed={}", identity), file,
                          fmt::format("{}k", size / kib(1))},
                         {"E2FSPROGS_FAKE_TIME=1500000000", "MKE2FS_CONFIG=/dev/null"});
  return made.emplace(size, read_image(file)).first->second;
}

}  // namespace

void Ext4::format(Rig& rig, const std::string& path) {
  write_image(rig, path, fresh_image(rig.sectors_of(path)));
}

void Ext4::with_mount(Rig& rig, const std::string& path, const std::function<void(FileSystem&)>& body) {
  rig.with_file(path, [&](sim::host::DeviceFile&) {
    MountedExt4 mounted(rig, path);
    body(mounted);
    mounted.sync();
  });
  const test::ScratchFolder scratch;
  const std::string file = scratch.path_of("ext4.img");
  save_device(rig, path, file);
  test::run_host_command({"e2fsck", "-fn", file});
}

}  // namespace suite
