// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/xfs_tools.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <list>
#include <set>
#include <sstream>

#include "tests/suite/image.h"
#include "tests/support/host_command.h"

namespace suite {

namespace {

constexpr std::uint64_t block_bytes = PageCache::page_bytes;

// A folder of the prototype file, in the order in which things are created.
struct Folder {
  std::list<std::pair<std::string, Folder>> folders;  // a list may be of a type that is not complete yet
  std::vector<std::pair<std::string, std::uint64_t>> files;

  Folder& folder(const std::string& name) {
    for (auto& [known, child] : folders) {
      if (known == name) return child;
    }
    return folders.emplace_back(name, Folder()).second;
  }
};

Folder tree_of(const std::vector<XfsLayout::File>& files) {
  Folder root;
  for (const XfsLayout::File& file : files) {
    Folder* at = &root;
    std::size_t begin = 0;
    for (std::size_t slash = 0; (slash = file.path.find('/', begin)) != std::string::npos;
         begin = slash + 1) {
      at = &at->folder(file.path.substr(begin, slash - begin));
    }
    at->files.emplace_back(file.path.substr(begin), file.bytes);
  }
  return root;
}

// mkfs.xfs copies each file from one that exists; empty ones of the right size do.
void write_prototype(std::ostream& out, const Folder& folder, const test::ScratchFolder& scratch) {
  for (const auto& [name, child] : folder.folders) {
    out << name << " d--755 0 0\n";
    write_prototype(out, child, scratch);
    out << "$\n";
  }
  for (const auto& [name, bytes] : folder.files) {
    const std::string content = scratch.path_of(fmt::format("content-{}", bytes));
    if (!std::filesystem::exists(content)) {
      std::ofstream create(content);
      create.close();
      std::filesystem::resize_file(content, bytes);
    }
    out << name << " ---644 0 0 " << content << "\n";
  }
}

// The numbers in a text, in order.
std::vector<std::uint64_t> numbers_in(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = 0; (at = text.find_first_of("0123456789", at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    numbers.push_back(std::stoull(text.substr(at, end - at)));
    at = end;
  }
  return numbers;
}

// "data offset 0 startblock 32780 (1/12) count 2 flag 0": the group and the block in it say where.
PageCache::Run parse_extent(const std::string& line, std::uint64_t blocks_per_group) {
  constexpr std::size_t numbers_in_line = 6;
  const std::vector<std::uint64_t> numbers = numbers_in(line);
  if (numbers.size() != numbers_in_line) throw test::Failure("xfs_db: " + line);
  return {numbers[2] * blocks_per_group + numbers[3], numbers[4]};
}

// Asks xfs_db about all files at once.
void find_files(const std::string& image_file, XfsLayout& layout) {
  std::vector<std::string> question = {"xfs_db", "-r", "-c", "sb 0", "-c", "p agblocks"};
  for (const XfsLayout::File& file : layout.files) {
    const std::string path = "path /" + file.path;
    question.insert(question.end(), {"-c", "echo file", "-c", path, "-c", "daddr", "-c", "bmap"});
  }
  question.insert(question.end(), {"-c", "echo free", "-c", "freesp -d", image_file});

  std::istringstream answer(test::run_host_command(question));
  std::uint64_t blocks_per_group = 0;
  std::size_t files_seen = 0;
  bool in_free_list = false;
  for (std::string line; std::getline(answer, line);) {
    if (line.starts_with("agblocks = ")) {
      blocks_per_group = numbers_in(line).front();
    } else if (line.starts_with("file")) {
      ++files_seen;
    } else if (line.starts_with("current daddr is ") && files_seen != 0) {
      layout.files.at(files_seen - 1).inode_block = numbers_in(line).front() / PageCache::page_sectors;
    } else if (line.starts_with("data offset")) {
      layout.files.at(files_seen - 1).runs.push_back(parse_extent(line, blocks_per_group));
    } else if (line.starts_with("free")) {
      in_free_list = true;
    } else if (line.find("from") != std::string::npos) {
      in_free_list = false;  // a histogram follows
    } else if (const auto numbers = numbers_in(line); in_free_list && numbers.size() == 3) {
      layout.free_space.push_back({numbers[0] * blocks_per_group + numbers[1], numbers[2]});
    }
  }
}

// Blocks that are not files' are metadata.
void find_metadata(const std::string& image_file, XfsLayout& layout) {
  std::set<std::uint64_t> data;
  for (const XfsLayout::File& file : layout.files) {
    for (const PageCache::Run& run : file.runs) {
      for (std::uint64_t block = run.page; block < run.page + run.count; ++block) data.insert(block);
    }
  }
  const Image image = read_image(image_file);
  for (const Image::Piece& piece : image.pieces) {
    for (std::size_t at = 0; at + block_bytes <= piece.data.size(); at += block_bytes) {
      const std::uint64_t block = (dmcore::to_bytes(piece.sector) + at) / block_bytes;
      const auto content = std::span(piece.data).subspan(at, block_bytes);
      const bool empty =
          std::all_of(content.begin(), content.end(), [](std::byte b) { return b == std::byte{0}; });
      if (!empty && !data.contains(block)) layout.metadata[block].assign(content.begin(), content.end());
    }
  }
}

XfsLayout lay_out(sector_t size, const std::vector<XfsLayout::File>& files) {
  const test::ScratchFolder scratch;
  const std::string prototype = scratch.path_of("prototype");
  {
    std::ofstream out(prototype);
    out << "/\n0 0\nd--755 0 0\n";
    write_prototype(out, tree_of(files), scratch);
    out << "$\n";
  }
  const std::string image_file = scratch.path_of("xfs.img");
  std::ofstream(image_file).close();
  std::filesystem::resize_file(image_file, dmcore::to_bytes(size));
  test::run_host_command({"mkfs.xfs", "-q", "-f", "-K", "-b", fmt::format("size={}", block_bytes), "-m",
                          "uuid=7b6a0a6c-3c15-4f2b-9d49-0d5f5cf0a5a1", "-p", prototype, image_file});
  XfsLayout layout;
  for (const XfsLayout::File& file : files) layout.files.push_back({file.path, file.bytes});
  find_files(image_file, layout);
  find_metadata(image_file, layout);
  return layout;
}

}  // namespace

XfsLayout lay_out_xfs(sector_t size, const std::vector<XfsLayout::File>& files) {
  // mkfs.xfs writes the whole log each time, which a test that goes back and forth can do without.
  static std::map<std::string, XfsLayout> known;
  std::string key = fmt::format("{}", size);
  for (const XfsLayout::File& file : files) key += fmt::format("\n{} {}", file.path, file.bytes);
  const auto found = known.find(key);
  return found != known.end() ? found->second : known.emplace(key, lay_out(size, files)).first->second;
}

void check_xfs(const std::string& image_file) {
  test::run_host_command({"xfs_repair", "-n", "-f", image_file});
}

}  // namespace suite
