// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/xfs.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/kernel/lock.h"

#include "tests/suite/cached_file_system.h"
#include "tests/suite/image.h"
#include "tests/suite/xfs_tools.h"
#include "tests/support/host_command.h"

namespace suite {

namespace {

std::uint64_t blocks_of(std::uint64_t bytes) {
  return (bytes + CachedFileSystem::block_bytes - 1) / CachedFileSystem::block_bytes;
}

class MountedXfs final : public CachedFileSystem {
 public:
  MountedXfs(Rig& rig, const std::string& path, XfsLayout& layout)
      : CachedFileSystem(rig, path),
        size_(rig.sectors_of(path)),
        layout_(layout),
        lock_(rig.runtime(), "xfs") {
    verify_metadata();
  }

  void create(const std::string& path) override;
  void remove(const std::string& path) override;
  void write(const std::string& path, std::uint64_t offset, std::span<const std::byte> data) override;
  void read(const std::string& path, std::uint64_t offset, std::span<std::byte> out) override;
  std::uint64_t size_of(const std::string& path) override;
  void sync() override;
  void trim() override;

 private:
  Runs map(const std::string& path, std::uint64_t first_block, std::uint64_t blocks) override;

  XfsLayout::File& file(const std::string& path);
  void verify_metadata();
  void allocate();

  sector_t size_;
  XfsLayout& layout_;
  dmcore::Mutex lock_;  // one sync at a time
  // Delayed allocation: files that came since the last sync, whole.
  std::map<std::string, std::vector<std::byte>> delayed_;
  bool changed_ = false;  // files came or went
};

XfsLayout::File& MountedXfs::file(const std::string& path) {
  const auto found = std::find_if(layout_.files.begin(), layout_.files.end(),
                                  [&](const XfsLayout::File& one) { return one.path == path; });
  if (found == layout_.files.end()) throw test::Failure(path + ": no such file");
  return *found;
}

void MountedXfs::verify_metadata() {
  Runs runs;
  for (const auto& [block, content] : layout_.metadata) runs.push_back({block, 1});
  cache().load(runs);
  std::vector<std::byte> found(block_bytes);
  for (const auto& [block, content] : layout_.metadata) {
    cache().read(block * block_bytes, found);
    if (found != content) throw test::Failure(fmt::format("mount: block {} is not what it should be", block));
  }
}

// stat(): reads the inode, if it is anywhere yet.
std::uint64_t MountedXfs::size_of(const std::string& path) {
  const XfsLayout::File& wanted = file(path);
  if (!delayed_.contains(path)) cache().load({{wanted.inode_block, 1}});
  return wanted.bytes;
}

void MountedXfs::create(const std::string& path) {
  layout_.files.push_back({path});
  delayed_[path];
  changed_ = true;
}

void MountedXfs::remove(const std::string& path) {
  file(path);
  std::erase_if(layout_.files, [&](const XfsLayout::File& one) { return one.path == path; });
  delayed_.erase(path);
  forget_reader(path);
  changed_ = true;
}

void MountedXfs::write(const std::string& path, std::uint64_t offset, std::span<const std::byte> data) {
  XfsLayout::File& target = file(path);
  if (const auto delayed = delayed_.find(path); delayed != delayed_.end()) {
    std::vector<std::byte>& content = delayed->second;
    if (content.size() < offset + data.size()) content.resize(offset + data.size());
    std::copy(data.begin(), data.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
    target.bytes = content.size();
    return;
  }
  if (offset + data.size() > target.bytes) throw test::Failure(path + ": only new files can grow");
  const Runs runs = map(path, offset / block_bytes, blocks_of(offset + data.size()) - offset / block_bytes);
  std::uint64_t skip = offset % block_bytes;
  for (const PageCache::Run& run : runs) {
    const std::uint64_t length = std::min<std::uint64_t>(run.count * block_bytes - skip, data.size());
    cache().write(run.page * block_bytes + skip, data.first(length));
    data = data.subspan(length);
    skip = 0;
  }
}

void MountedXfs::read(const std::string& path, std::uint64_t offset, std::span<std::byte> out) {
  const auto delayed = delayed_.find(path);
  if (delayed == delayed_.end()) {
    CachedFileSystem::read(path, offset, out);
    return;
  }
  if (offset + out.size() > delayed->second.size()) throw test::Failure("read beyond the end of " + path);
  const auto begin = delayed->second.begin() + static_cast<std::ptrdiff_t>(offset);
  std::copy_n(begin, out.size(), out.begin());
}

CachedFileSystem::Runs MountedXfs::map(const std::string& path, std::uint64_t first_block,
                                       std::uint64_t blocks) {
  Runs found;
  std::uint64_t at = 0;  // block of the file where a run begins
  for (const PageCache::Run& run : file(path).runs) {
    const std::uint64_t begin = std::max(at, first_block);
    const std::uint64_t end = std::min(at + run.count, first_block + blocks);
    if (begin < end) found.push_back({run.page + begin - at, end - begin});
    at += run.count;
  }
  if (first_block + blocks > at) throw test::Failure("a hole in " + path);
  return found;
}

// Finds places for what came, and writes the metadata that say so.
void MountedXfs::allocate() {
  XfsLayout now = lay_out_xfs(size_, layout_.files);
  for (std::size_t i = 0; i < now.files.size(); ++i) {
    const XfsLayout::File& file = now.files[i];
    if (const auto delayed = delayed_.find(file.path); delayed != delayed_.end()) {
      std::span<const std::byte> data = delayed->second;
      for (const PageCache::Run& run : file.runs) {
        const auto piece = data.first(std::min<std::size_t>(run.count * block_bytes, data.size()));
        cache().write(run.page * block_bytes, piece);
        data = data.subspan(piece.size());
      }
      continue;
    }
    const auto same = [](const PageCache::Run& a, const PageCache::Run& b) {
      return a.page == b.page && a.count == b.count;
    };
    if (!std::equal(file.runs.begin(), file.runs.end(), layout_.files[i].runs.begin(),
                    layout_.files[i].runs.end(), same)) {
      throw test::Failure(file.path + ": mkfs.xfs has moved it");
    }
  }
  for (const auto& [block, content] : now.metadata) {
    const auto before = layout_.metadata.find(block);
    if (before == layout_.metadata.end() || before->second != content)
      cache().write(block * block_bytes, content);
  }
  layout_ = std::move(now);
  delayed_.clear();
  changed_ = false;
}

void MountedXfs::sync() {
  const dmcore::MutexGuard guard(lock_);
  if (changed_) allocate();
  cache().sync();
}

void MountedXfs::trim() {
  sync();
  for (const PageCache::Run& run : layout_.free_space) cache().discard(run);
}

}  // namespace

void Xfs::format(Rig& rig, const std::string& path) {
  const sector_t size = rig.sectors_of(path);
  layout_ = lay_out_xfs(size, {});
  Image image{.size = size, .pieces = {}};
  for (const auto& [block, content] : layout_.metadata) {
    image.pieces.push_back({block * PageCache::page_sectors, content});
  }
  write_image(rig, path, image);
}

void Xfs::with_mount(Rig& rig, const std::string& path, const std::function<void(FileSystem&)>& body) {
  rig.with_file(path, [&](sim::host::DeviceFile&) {
    MountedXfs mounted(rig, path, layout_);
    body(mounted);
    mounted.sync();
  });
  const test::ScratchFolder scratch;
  const std::string file = scratch.path_of("xfs.img");
  save_device(rig, path, file);
  check_xfs(file);
}

}  // namespace suite
