// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/git_repository.h"

#include <algorithm>
#include <fmt/format.h>
#include <random>

#include "tests/suite/dataset.h"

namespace suite {

namespace {

constexpr const char* work_tree = "linux/";
constexpr const char* pack = "linux/.git/objects/pack/pack-1.pack";
constexpr const char* index_file = "linux/.git/index";
constexpr std::uint64_t pack_seed = 1;
constexpr std::size_t write_bytes = 1U << 20U;

std::vector<std::byte> read_all(FileSystem& fs, const std::string& path) {
  std::vector<std::byte> content(fs.size_of(path));
  fs.read(path, 0, content);
  return content;
}

}  // namespace

GitRepository::Blob GitRepository::new_blob(std::uint64_t bytes) {
  constexpr std::uint64_t compression = 4;
  Blob blob{
      .number = blobs_++, .bytes = bytes, .pack_offset = pack_bytes_, .pack_bytes = bytes / compression + 1};
  pack_bytes_ += blob.pack_bytes;
  return blob;
}

GitRepository::GitRepository(unsigned tags) {
  constexpr unsigned changed_of_hundred = 35;
  constexpr unsigned removed_of_hundred = 3;
  constexpr unsigned added = 10;
  std::mt19937_64 random(2612);  // after the first tag, v2.6.12
  Tree tree;
  const Dataset first = Dataset::source_tree();
  for (const Dataset::File& file : first.files()) tree[file.path] = new_blob(file.bytes);
  trees_.push_back(tree);
  for (unsigned tag = 1; tag < tags; ++tag) {
    for (auto at = tree.begin(); at != tree.end();) {
      const std::uint64_t choice = random() % 100;
      if (choice < removed_of_hundred) {
        at = tree.erase(at);
        continue;
      }
      if (choice < removed_of_hundred + changed_of_hundred) at->second = new_blob(at->second.bytes + choice);
      ++at;
    }
    for (unsigned i = 0; i < added; ++i) {
      tree[fmt::format("kernel/new{}/file{}.c", tag, i)] = new_blob(2000 + random() % 20000);
    }
    trees_.push_back(tree);
  }
}

void GitRepository::write_index(FileSystem& fs) const {
  constexpr std::uint64_t entry_bytes = 96;
  constexpr std::uint64_t seed = 2;
  fs.remove(index_file);
  fs.create(index_file);
  fs.write(index_file, 0, random_bytes(checked_out_.size() * entry_bytes, seed));
}

void GitRepository::clone_to(FileSystem& fs) {
  fs.create(pack);
  const std::vector<std::byte> content = random_bytes(pack_bytes_, pack_seed);
  for (std::size_t at = 0; at < content.size(); at += write_bytes) {
    fs.write(pack, at, std::span(content).subspan(at, std::min(write_bytes, content.size() - at)));
  }
  fs.create(index_file);
  checkout(fs, tags() - 1);
}

void GitRepository::checkout(FileSystem& fs, unsigned tag) {
  if (const std::uint64_t bytes = fs.size_of(index_file); bytes != 0) read_all(fs, index_file);
  const Tree& wanted = trees_.at(tag);
  for (const auto& [path, blob] : checked_out_) {
    const auto stays = wanted.find(path);
    if (stays == wanted.end() || !(stays->second == blob)) fs.remove(work_tree + path);
  }
  std::vector<std::byte> object;
  for (const auto& [path, blob] : wanted) {
    const auto there = checked_out_.find(path);
    if (there != checked_out_.end() && there->second == blob) continue;
    object.resize(blob.pack_bytes);
    fs.read(pack, blob.pack_offset, object);
    fs.create(work_tree + path);
    fs.write(work_tree + path, 0, random_bytes(blob.bytes, blob.number));
  }
  checked_out_ = wanted;
  write_index(fs);
}

void GitRepository::verify(FileSystem& fs, unsigned tag) const {
  for (const auto& [path, blob] : trees_.at(tag)) {
    if (read_all(fs, work_tree + path) != random_bytes(blob.bytes, blob.number)) {
      throw test::Failure(path + " is not what was checked out");
    }
  }
  if (read_all(fs, pack) != random_bytes(pack_bytes_, pack_seed)) throw test::Failure("the pack has changed");
}

}  // namespace suite
