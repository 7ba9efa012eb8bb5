// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/dataset.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <random>

#include "sim/host/sha256.h"

namespace suite {

namespace {

constexpr std::size_t largest_write = 1U << 20U;

// Between 0 and 1; the standard's distributions differ from library to library.
double fraction(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11U) / static_cast<double>(1ULL << 53U);
}

// Half of a kernel's source files are smaller than 5 KiB, a tenth are larger than 25 KiB.
std::uint64_t source_file_bytes(std::mt19937_64& random) {
  constexpr double median = 5000;
  constexpr double spread = 14;  // from the median to the largest, or smallest, as a factor
  return static_cast<std::uint64_t>(median * std::pow(spread, 2 * fraction(random) - 1));
}

}  // namespace

Dataset Dataset::source_tree() {
  constexpr unsigned folders = 24;
  constexpr unsigned files_in_folder = 9;
  std::mt19937_64 random(20190704);
  Dataset dataset;
  std::vector<std::string> names = {"kernel"};
  for (unsigned folder = 1; folder < folders; ++folder) {
    // Under one that is there, so that some are deep.
    names.push_back(fmt::format("{}/part{}", names[random() % names.size()], folder));
  }
  for (const std::string& name : names) {
    for (unsigned i = 0; i < files_in_folder; ++i) {
      dataset.files_.push_back({fmt::format("{}/file{}.c", name, i), source_file_bytes(random)});
    }
  }
  return dataset;
}

void Dataset::apply(FileSystem& fs, const std::string& folder) const {
  for (const File& file : files_) {
    const std::string path = folder + "/" + file.path;
    fs.create(path);
    const std::vector<std::byte> content(file.bytes, std::byte{'-'});
    fs.write(path, 0, content);
  }
}

std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> bytes(count);
  for (std::size_t at = 0; at < count; at += sizeof(std::uint64_t)) {
    const std::uint64_t number = random();
    std::memcpy(bytes.data() + at, &number, std::min(sizeof number, count - at));
  }
  return bytes;
}

std::string write_random_file(FileSystem& fs, const std::string& path, std::uint64_t bytes) {
  fs.create(path);
  sim::host::Sha256 hash;
  for (std::uint64_t at = 0; at < bytes; at += largest_write) {
    const auto piece = random_bytes(std::min<std::uint64_t>(largest_write, bytes - at), at);
    fs.write(path, at, piece);
    hash.add(piece);
  }
  return hash.finish();
}

}  // namespace suite
