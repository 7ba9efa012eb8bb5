// SPDX-License-Identifier: GPL-2.0-or-later
// write_seeds FOLDER: writes each target's seeds to FOLDER/TARGET, which libFuzzer reads.
#include <filesystem>
#include <fmt/core.h>
#include <fstream>

#include "tests/fuzz/fuzz_target.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FOLDER\n", argv[0]);
    return 2;
  }
  for (const fuzz::Target& target : fuzz::targets()) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / target.name;
    std::filesystem::create_directories(folder);
    std::size_t number = 0;
    for (const fuzz::Input& seed : target.seeds()) {
      const std::filesystem::path path = folder / fmt::format("seed-{:03}", number++);
      std::ofstream file(path, std::ios::binary);
      for (const std::uint8_t byte : seed) file.put(static_cast<char>(byte));
      if (!file.flush()) {
        fmt::print(stderr, "cannot write {}\n", path.string());
        return 1;
      }
    }
  }
  return 0;
}
